"""Everything that is needed to go on, in one encrypted file, and back.

Holds the database, config.toml, the keys in var/ and the ledger of erasures, but no secrets that config.toml
names. The file is a tar of two age files (age-encryption.org): key.age, locked with the passphrase, opens
contents.age.
"""

from monitor.backup.ledger import ledger_path, note_erasure
from monitor.backup.making import make_backup
from monitor.backup.restoring import Restored, restore_backup
from monitor.backup.vault import BackupError

__all__ = ["BackupError", "Restored", "ledger_path", "make_backup", "note_erasure", "restore_backup"]
