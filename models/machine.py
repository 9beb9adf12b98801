"""What this machine's processor can do, for choosing the fastest number format that keeps the scores."""

from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")


def has_bf16() -> bool:
    """Whether the processor multiplies bfloat16 in hardware (AVX512-BF16 or AMX); False where unknown."""
    try:
        flags = _CPUINFO.read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
