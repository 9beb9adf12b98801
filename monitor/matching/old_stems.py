"""Finnish nouns in -i whose stem ends in -e (kivi: kiven): a closed class, so it is a list."""

OLD_I_STEMS = tuple(
    """
    hanki hauki henki hetki hirvi huoli huuli joki jousi järvi kaari kansi kanki kaski keli kieli kiiski kivi
    koski kuori kuusi kylki kynsi käki käsi lahti lehti lohi lumi länsi lovi lampi meri mieli mäki niemi nimi
    noki nuoli nuori nurmi onki onni orsi ovi pesti pieli pilvi pieni pohji poski puoli pursi reki retki riihi
    ruuhi saari salmi sarvi savi siipi sini suksi suoli suomi suoni suuri suvi sylki sysi sänki talvi tammi
    toimi torvi tosi tuki tuli tuohi tuomi tuuli typpi tyvi täysi uni uusi vaski veri vesi viiri virsi vuohi
    vuori vuosi väki ääni sormi hiiri hiili jälki hylki järki pelki lieski veli arki soppi
    """.split()
)
