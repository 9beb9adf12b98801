"""Words that call a person at once, in Finnish, Swedish and English; see monitor.rules.phrases.

Each kind has one grave meaning. Words that also have an everyday meaning in web shops stay out:
"toimittaja" is a supplier as often as a journalist, "kanne" hides in "kannettava".
"""

from dataclasses import dataclass

from monitor.domain import Urgency
from monitor.rules.phrases import split_list
from monitor.wording import N_


@dataclass(frozen=True, slots=True)
class UrgentKind:
    """One kind of danger: its short name, how grave, the sentence for the owner, and its words."""

    name: str
    severity: Urgency
    sentence: str
    listed: str

    @property
    def phrases(self) -> tuple[str, ...]:
        """Its words, one by one."""
        return split_list(self.listed)


LEGAL = UrgentKind(
    "legal",
    Urgency.CRITICAL,
    N_("Speaks of legal steps or the police: “{words}”."),
    """
        lakimies*, lakimieh*, asianajaj*, juristi*, oikeusturvavakuut*, oikeustoim*, oikeustei*,
        rikosilmoitu*, tutkintapyyn*, käräjä*, haast* oikeuteen, vie* … oikeuteen, oikeuteen … vie*,
        nähdään oikeudessa, poliisille, poliisiin, poliisilla, poliisiasia*, poliisi tutkii,
        poliisitutkin*, rikosilmotu*, stämningsans*,
        advokat*, jurist, juristen, juristhjälp, stämma er, stämmer er, polisanmäl*, anmäl* …
        polisen, tingsrätt*, inför rätta, rättsliga åtgärder, rättsliga steg,
        lawyer*, attorney*, solicitor*, legal action, legal steps, small claims, lawsuit*, sue you,
        sue them, suing, see you in court, take … to court, taking … to court, police report*,
        report* … police, went to the police,
    """,
)

AUTHORITY = UrgentKind(
    "authority",
    Urgency.CRITICAL,
    N_("Speaks of an authority: “{words}”."),
    """
        KKV, kkv, kkv:*, kilpailu- ja kuluttajavirast*, kuluttajavirast*, kuluttajariita*,
        kuluttaja-asiami*, kuluttaja-asiameh*, kuluttajaneuvo*, kuluttajaliit*, kuluttajaviranomai*,
        tietosuojavaltuut*, tietosuojaviranomai*, tukes*, aluehallintovirast*, ruokavirast*, fimea*,
        elintarvikevalvon*, terveystarkast*, markkinaoikeu*,
        konsumentverk*, ARN, arn, allmänna reklamationsnämnd*, reklamationsnämnd*,
        konsumenttvistenämnd*, konsumentombudsman*, konsumentrådgiv*, konsumentvägled*,
        dataombudsman*, IMY, integritetsskyddsmyndighet*, elsäkerhetsverk*, livsmedelsverk*,
        hälsoinspekt*,
        consumer ombudsman*, consumer dispute*, consumer authorit*, consumer protection*, trading
        standards, data protection ombudsman*, data protection authorit*, european consumer cent*,
        environmental health, the regulator,
    """,
)

DANGER = UrgentKind(
    "danger",
    Urgency.CRITICAL,
    N_("Tells of danger to people or of fire: “{words}”."),
    """
        tulipalo*, syttyi*, syttynyt, palovaar*, palovamm*, räjäht*, räjähd*, sähköisku*,
        hengenvaar*, vaaratilan*, myrkyt*, myrkyllis*, tukehtu*, alkoi savuta, savusi, savuaa,
        kärys*, käryää, savua, ensiapu*, päivystykse*, sairaalaan, ambulanssi*, hätäkesku*, akku …
        turvon*, akku … turvoksi*, akku … pullistu*, akku … kuume*, suli kiinni, epipen*,
        homemyrky*, ihottuma*, vedetään myynnistä, allergi* reaktio*, anafylak*, ylikuumen*,
        takaisinve*,
        börja* brinna, fatta* eld, exploder*, elstöt*, fick … stöt, brännsk*, brännblås*, brandfar*,
        brandrisk*, förgift*, livsfarl*, kvävning*, kvävde*, akuten, sjukhus*, börja* ryka, rök ur,
        allergisk reaktion, överhett*, återkall*,
        caught fire, catch fire, catches fire, on fire, burst into flames, fire hazard, explod*,
        electric shock*, burns on, burned my, burnt my, poison*, choking, choked, toxic, emergency
        room, emergency vet, ambulance, hospital*, allergic reaction*, overheat*, smoking … plug,
        started smoking, product recall,
    """,
)

DATA_LEAK = UrgentKind(
    "data_leak",
    Urgency.CRITICAL,
    N_("Tells of leaked personal data: “{words}”."),
    """
        tietovuo*, tietomur*, tietoturvalouk*, tietoturva-auk*, tiedot … vuot*, tietoni … vuot*,
        toisen asiakkaan, jonkun toisen tied*, jonkun toisen tilau*, jonkun muun tied*, jonkun muun
        tilau*, muiden tilau*, vieraan ihmisen *, muiden asiakkaiden, GDPR, gdpr,
        dataläck*, dataintrång*, personuppgift*, uppgifter … läck*, läckt … uppgifter, någon annans
        uppgift*, någon annans order*, någon annans beställ*, annan kunds, andra kunders,
        data breach*, data leak*, leaked, hacked, someone else's order*, someone else's detail*,
        someone else's account, someone else’s order*, someone else’s detail*, another customer's,
        another customer’s, other customers' *, personal data,
    """,
)

PRESS = UrgentKind(
    "press",
    Urgency.CRITICAL,
    N_("Brings in the press: “{words}”."),
    """
        olen toimittaja, toimittajana, teen juttua, teemme juttua, juttua varten, juttuvink*,
        haastatel*, lehtijut*, lehdistö*, yle* toimittaj*, ylelle, iltalehde*, iltalehte*,
        iltasanom*, hesarin toimittaj*, lehden toimittaj*, ilta-sanom*, hesariin, hesarille,
        medialle, mediaan,
        journalist*, reporter*, tipsa* … tidning*, skriv* … artikel, pressen, till media, svt plus,
        plus i svt, råd & rön, intervju*,
        reporter, writing an article, writing a story, writing a piece, press inquir*, press
        enquir*, newspaper*, the press, the media,
    """,
)

PHISHING = UrgentKind(
    "phishing",
    Urgency.CRITICAL,
    N_("Somebody may be using the name of {shop} for fraud: “{words}”."),
    """
        kalastelu*, tietojenkalastelu*, tietojen kalastelu*, huijausvies*, huijausteks*,
        huijaussivu*, huijausyrity*, huijauskaup*, huijaussähköpost*, huijausmain*, huijausmeil*,
        valesivu*, valekaup*, valeprofiil*, valetil*, feikkisivu*, feikkikaup*, feikkitil*, nimissä
        … viest*, nimissä … sähköpost*, nimissä … teksti*, nimissä … tekst*, viest* … nimissä,
        nimissä … huija*, teksti* … nimissä, huija* … nimissä, esiinty* … nimissä, väärenne* sivu*,
        nimissä liikku*, nimissä soit*, nimissä kulk*, nimissä … puhelu*, pankkitunnu*, kortin
        numero*, korttinumero*, kortin tied*, vahvistamaan kortin,
        nätfisk*, phishing*, bluffmejl*, bluffmail*, bluffsms*, bluff-sms*, bluffsid*, fejksid*,
        fejkad* sid*, falsk* sid*, falsk* mejl*, falsk* sms*, falsk* webb*, utger sig för, i ert
        namn, i deras namn, bedrägeriförsök*, bluffannons*, bankkoder*, skicka* sms … namn, mata in
        kort*,
        phishing, smishing, fake site*, fake website*, fake shop*, fake store*, fake email*, fake
        text*, fake message*, fake account*, fake profile*, scam text*, scam email*, scam message*,
        scam site*, card details, bank details, impersonat*, pretend* to be, claiming to be,
        lookalike site*, spoof*,
    """,
)

MONEY = UrgentKind(
    "money",
    Urgency.HIGH,
    N_("Says that money is gone: “{words}”."),
    """
        rahat … meni*, rahat … mennyt, rahat … hävi*, rahat … viety, rahat … vei*, vei* rahat, vei*
        rahani, rahani … takaisin, rahoja … takaisin, rahoja … palaut*, veloit* … kahdesti, veloit*
        kahteen, veloit* … kaksi, kahdesti veloit*, kahteen kertaan, kaksi kertaa veloit*,
        tuplaveloi*, tuplavelat*,
        pengarna … borta, pengar … försvunn*, dragit … två gånger, dragits … två gånger, debitera* …
        två gånger, debitera* dubbel*, dubbeldrag*, dubbeldebiter*, dragit dubbel*, inte … pengarna
        tillbaka, inga pengar tillbaka, tog mina pengar, tagit mina pengar,
        money is gone, charged … twice, double charg*, charged me double, took my money, take your
        money, stole my money, stole our money, kept my money, never got my money, still no refund,
        no refund, refund … never,
    """,
)

WARNING = UrgentKind(
    "warning",
    Urgency.HIGH,
    N_("Warns others in public: “{words}”."),
    """
        varokaa, varo, varoitus, varoituksen sana, varoitan, varoittaa muita, kiertäkää,
        kiertäkääpä, älkää … tilatko, älkää … ostako, älä … tilaa, älä … osta, kiertäkää kauka*,
        kierrä kauka*, huijar*, huijau*, huijaa*, huijat*, kusetu*, kuset*, rosvo*, petturi*,
        petku*,
        varning, varning för, varnar, akta er, akta dig, undvik, handla inte, köp inte, beställ
        inte, håll er borta, bedrag*, bedräg*, lurad*, lurendrej*, bluff, bluffa*, skojar*,
        beware, avoid, stay away, steer clear, do not buy, do not order, don't buy, don't order,
        don’t buy, don’t order, scam*, fraud*, rip off, ripoff, rip-off, con artist*, thieves,
    """,
)

UNANSWERED = UrgentKind(
    "unanswered",
    Urgency.HIGH,
    N_("Says that the shop does not answer: “{words}”."),
    """
        ei … vastausta, en … vastausta, ei … vastannut, eivät … vastaa, ei … vastata, ei kukaan vastaa,
        ei vastaa, ei kukaan vastannut, kukaan ei … vastaa, kukaan ei … vastannut, ei mitään vastausta,
        ei mitään kuulu*, ei ole kuulunut, ei … vastattu, hiljaista on, täysi hiljaisuus, automaattivasta*,
        ei … svar, inget svar, inte … svar, svarar inte, svarar aldrig, ingen svarar, inte svarat,
        no reply, no response, no answer, never answer*, never repl*, never responded, not answered,
        not replied, nobody answers, nobody replies, ignored, ignoring, heard nothing, hung up,
        heard a thing, radio silence, gone quiet,
    """,
)

BOYCOTT = UrgentKind(
    "boycott",
    Urgency.HIGH,
    N_("Calls for a boycott: “{words}”."),
    "boiko*, bojkot*, boycot*",
)

URGENT_KINDS = (PHISHING, DATA_LEAK, DANGER, LEGAL, AUTHORITY, PRESS, BOYCOTT, WARNING, MONEY)
