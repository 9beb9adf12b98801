"""Finnish words that inflect by no rule of spelling and often end names: Rengasmies, Pultti & Poika."""

from collections.abc import Iterator

Stems = tuple[str, str, str, str, str, str]

# ending of the nominative -> (strong stem, weak stem, partitive, plural strong, plural weak, genitive plural)
IRREGULAR: dict[str, Stems] = {
    "mies": ("miehe", "miehe", "miestä", "miehi", "miehi", "miesten"),
    "poika": ("poika", "poja", "poikaa", "poiki", "poji", "poikien"),
    "aika": ("aika", "aja", "aikaa", "aiko", "ajoi", "aikojen"),
    "ruoka": ("ruoka", "ruua", "ruokaa", "ruoki", "ruui", "ruokien"),
    "askel": ("askelee", "askelee", "askelta", "askeli", "askeli", "askelten"),
    "kiuas": ("kiukaa", "kiukaa", "kiuasta", "kiukai", "kiukai", "kiukaiden"),
    "varas": ("varkaa", "varkaa", "varasta", "varkai", "varkai", "varkaiden"),
    "koe": ("kokee", "kokee", "koetta", "kokei", "kokei", "kokeiden"),
    "säie": ("säikee", "säikee", "säiettä", "säikei", "säikei", "säikeiden"),
    "veli": ("velje", "velje", "veljeä", "velji", "velji", "veljien"),
    "lapsi": ("lapse", "lapse", "lasta", "lapsi", "lapsi", "lasten"),
    "veitsi": ("veitse", "veitse", "veistä", "veitsi", "veitsi", "veitsien"),
    "sydän": ("sydäme", "sydäme", "sydäntä", "sydämi", "sydämi", "sydänten"),
    "kevät": ("kevää", "kevää", "kevättä", "keväi", "keväi", "keväiden"),
    "olut": ("olue", "olue", "olutta", "olui", "olui", "oluiden"),
    "laidun": ("laitume", "laitume", "laidunta", "laitumi", "laitumi", "laitumien"),
    "morsian": ("morsiame", "morsiame", "morsianta", "morsiami", "morsiami", "morsianten"),
    "lämmin": ("lämpimä", "lämpimä", "lämmintä", "lämpimi", "lämpimi", "lämpimien"),
    "hyvä": ("hyvä", "hyvä", "hyvää", "hyvi", "hyvi", "hyvien"),
    "pojat": ("poja", "poja", "poikia", "poiki", "poji", "poikien"),
    "miehet": ("miehe", "miehe", "miehiä", "miehi", "miehi", "miesten"),
    "lapset": ("lapse", "lapse", "lapsia", "lapsi", "lapsi", "lasten"),
}


def irregular(word: str) -> Iterator[Stems]:
    """The stems of a word that ends in an irregular one, in the order of IRREGULAR's values."""
    for ending, stems in IRREGULAR.items():
        if word.endswith(ending):
            head = word[: -len(ending)]
            strong, weak, partitive, plural_strong, plural_weak, genitive = (head + stem for stem in stems)
            yield strong, weak, partitive, plural_strong, plural_weak, genitive
