"""Words that tell what a post is about, in Finnish, Swedish and English; see monitor.rules.phrases."""

from collections.abc import Mapping
from types import MappingProxyType

from monitor.domain import Topic

TOPIC_WORDS: Mapping[Topic, str] = MappingProxyType(
    {
        Topic.DELIVERY: """
            toimitus*, toimituk*, toimite*, paketti*, paketi*, lähety*, kuljetu*, kuriiri*,
            posti*, postn*, matkahuol*, seurantakoo*, seuranta*, noutopist*, perille, myöhäs*,
            ei ole tullut, ei oo tullu*, saapu*, leverans*, leverera*, paket*, frakt*,
            försändels*, försen*, spårning*, ombud*, skicka*, budbil*, kom fram, deliver*,
            shipping, shipped, shipment*, parcel*, courier*, tracking, package*, dispatch*,
            arrive*, late,
        """,
        Topic.PRODUCT_QUALITY: """
            laatu*, laadu*, rikki, rikkinä*, viallis*, vika, vian, viall*, hajos*, hajonn*,
            kulu*, petti, katke*, halke*, homei*, kestävä*, kesti, virheelli*, särky*, kvalit*,
            trasig*, defekt*, gick sönder, sönder, sprick*, lossna*, håller inte, mögl*,
            quality, broke*, faulty, defective, fell apart, cracked, cheap plastic, damaged,
            worn, mould*, flimsy,
        """,
        Topic.RETURNS_REFUNDS: """
            palautu*, palautt*, palauta*, hyvity*, hyvite*, reklamaa*, reklamoi*, takuu*, rahat
            takaisin, rahoja, vaihto*, retur*, återbetal*, reklam*, garanti*, pengarna tillbaka,
            ångerrätt*, kompens*, refund*, return*, money back, warranty*, guarantee*,
            exchange*, reimburs*,
        """,
        Topic.CUSTOMER_SERVICE: """
            asiakaspalvelu*, aspa*, vastat*, vastau*, vastann*, vastaa*, palvelu*, soitin,
            soitto*, chat*, chät*, sähköposti*, automaattivasta*, puhelim*, ystävälli*,
            yhteyttä, kundtjänst*, kundservice*, svara*, svar, bemöt*, ringde, ringt, mejla*,
            vänlig*, customer service, support, repl*, answer*, respon*, helpful, rude, polite,
            emailed, called them, rang, hung up,
        """,
        Topic.PAYMENT: """
            maksu*, maksoi*, laskut*, lasku, laskun, veloit*, klarna*, korti*, kortilta,
            perintä*, perinnä*, osamaksu*, lahjakort*, tilausmaksu*, betal*, faktur*, debiter*,
            inkasso*, kort, kortet, dragit, autogiro*, presentkort*, payment*, charged,
            invoice*, billing, credit card*, debit*, overcharg*, paid twice, gift card*, direct
            debit*,
        """,
        Topic.TRUST: """
            luotetta*, luottamu*, huija*, huijau*, varoit*, varokaa, epäluotetta*, feikki*,
            väärenn*, arvostelu*, valehte*, rehelli*, kuset*, aito, aitoja, petku*, harhaan*,
            pålitlig*, litar, lita, bluff*, lurad*, bedräg*, oseriös*, seriös*, ärlig*, ljug*,
            falsk*, fejk*, trust*, scam*, fraud*, fake*, reliable, unreliable, legit*, honest*,
            lied, lying, dishonest, misleading, shady,
        """,
        Topic.PRICE: """
            hinta*, hinna*, hinno*, hinnoi*, kallis*, kallii*, halp*, halv*, alennu*, tarjou*,
            alekood*, hintatakuu*, ale, pris*, dyr*, billig*, rabatt*, rea, erbjudand*,
            prisvärd*, price*, expensive, cheap*, discount*, overpriced, sale, voucher*,
            coupon*, value,
        """,
        Topic.WEBSITE: """
            nettisivu*, verkkosivu*, sivusto*, sivut, sivuilla, sovellu*, kirjautu*, ostoskor*,
            kassalla, hakutoiminto*, appi*, selain*, verkkokaupan, nettikaup*, lomake*,
            webbplats*, hemsid*, sidan, sajt*, logga in, inlogg*, kassan, varukorg*, appen,
            formulär*, website, site, web page, app, log in, login, checkout, basket, cart,
            crash*, page,
        """,
        Topic.AVAILABILITY: """
            loppu*, varasto*, saatavu*, saatavi*, loppuunmyy*, jälkitoimi*, valikoima*, myykö,
            löytyy, saako, slut, lager*, i lager, slutsål*, restnoter*, sortiment*, finns den,
            tillgänglig*, out of stock, in stock, stock, sold out, available, availability, back
            order*, backorder*, restock*, selection,
        """,
        Topic.PRIVACY: """
            tietosuoj*, tietovuo*, tietomur*, henkilötie*, GDPR, gdpr, evästei*, jonkun toisen,
            jonkun muun, toisen asiakkaan, uutiskirj*, suoramarkkin*, markkinointivies*,
            personuppgift*, integritet*, dataläck*, dataskydd*, dataintrång*, nyhetsbrev*, någon
            annans, privacy, data breach*, data leak*, personal data, newsletter*, unsubscrib*,
            someone else's, spam*,
        """,
        Topic.SAFETY: """
            vaarall*, vaara, vaaran, tulipalo*, syttyi*, räjäh*, sähköisk*, myrky*, allergi*,
            turvalli*, palovamm*, takaisinve*, ihottum*, päivysty*, kuumene*, oksens*, home,
            farlig*, brand, brann, brinna, exploder*, stöt, gift*, säkerhet*, återkall*,
            brännsk*, utslag, överhett*, danger*, unsafe, safety, fire, burn*, explod*, electric
            shock*, poison*, allerg*, recall*, hazard*, overheat*, rash, injur*,
        """,
    }
)
