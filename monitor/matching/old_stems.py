"""Finnish nouns in -i whose stem ends in -e (kivi: kiven): a closed class, so it is a list."""

_TEXT = """
    arki hanhi hanki hauki heisi helmi henki hetki hiili hiiri hirsi hirvi huoli huuli joki jousi juoni
    juuri jälki järki järvi kaari kampi kanki kansi kausi happi putki polvi ripsi karhi kaski keli kieli
    kiiski kilpi kivi korpi korsi koski kuori kurki kuusi kylki kymi kynsi käki kärki käsi köysi lahti
    lampi lehti leski liemi lieski lohi loimi louhi lovi lumi luomi länsi meri mieli moni mäki niemi
    niini nimi noki nuoli nuori nurmi närhi olki onki onni orsi ovi paasi parsi parvi pelki pesti pieli
    pieni pilvi pohji poski povi puoli pursi reki retki riihi ruuhi saari saarni salmi sampi sarvi savi
    seimi sieni siipi sini soppi sormi suksi suoli suomi suoni suuri suvi sylki sysi sänki särki sääri
    talvi tammi teeri tiili toimi torvi tosi tuki tuli tuohi tuomi tuoni tuppi tuuli typpi tyvi tähti
    täysi uni uuhi uusi varsi vaski veri vesi vieri viiksi virpi virsi vuohi vuori vuosi väki ääni ääri
    hylki
"""
OLD_I_STEMS = tuple(_TEXT.split())
