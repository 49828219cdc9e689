/** The 2,048 words of claim codes (D-71): 3 to 8 letters, and no two that a single letter tells apart. */
export const WORDS: readonly string[] = `
aakkonen aalto aamu aamupala aapinen aarnio aarre aasia aava abakus adagio aforismi agentti ahertaa ahjo
ahkera ahkio ahven aidata aihe aika ainesosa airo aistia aitaus aitta aivastaa aivastus ajaa ajatella ajatus
ajella ajelu ajokki ajuri akileija akseli aktiivi akvaario alanko alaovi albumi alennus alkaa alku alkupala
allegro aloittaa alpakka alppi altto alue alusta amatööri ametisti amiraali amppeli ananas ankerias ankka
ankkuri anoa ansaita ansari antaa antenni antiikki anturi apaja apila apteekki arabeski areena arkisto arkku
aromi aronia arpa arvata arvioida arvoitus arvokas asema asentaa asetelma asettua asfaltti asiakas askare
askel askellus askelma asteikko astella astro asua asukas asumus asunto ateria atlas atleetti aukko aulis
aurinko auto auttaa autuus avain avanto avaruus avoimuus avulias avustaa baletti balladi bambu banaani
barokki basilika belgia betoni biisoni boheemi bonsai breikki broileri bussi chile dekkari delfiini dialogi
diplomi domino dosentti draama duetto dynamo dyyni edetä eepos eetteri egypti ehdottaa ehjä ehtiä ehtoo
ekologia elehtiä eloisa elokuu elokuva eläin elämys elää emäntä energia englanti ennättää ensemble ensilumi
episodi epäillä eristys eristää eritellä erottaa esine esirippu esittää esitys espanja espoo essee etana
etappi eteinen etelä etiketti etsiä etusivu etydi eväs fagotti fakta fanfaari fantasia fasaani festari
fiesta figuuri fiilis fiksu filmi finaali flamenco flyygeli foorumi forssa frakki fresko fuksia funktio
futis fysiikka gaala galleria gaselli gepardi ghana gnuu gondoli gorilla gospel gramma grilli guava haalari
haalia haapa haarukka haastaa haave hahmo hahtuva haikara haitari hajuvesi hakanen hakea halkeama halko
halti halukas haluta hame hamina hammas hanhi hanka hankinta hankkia hansikas hanuri harakka harava harjanne
harjata harju harkita harmaa harmaus harmoni harppu harras hartia hattara hattu hauki hauska havainto
havaita havu hedelmä heilua heimo heinikko heinä heinäkuu heisi heittää helistä hella helliä hellyys helmi
helmikuu helppo henkari henkilö hento herkkä herne herttua herukka herätä hetki hevonen hidas hiekka hieno
hieroa hihitys hiihtää hiili hiippa hiippari hiki hillitä hilpeä hinaaja hioa hirvi hissi historia hius
hiutale hohde hohkata hohto hoitaa hoksata hollanti hopea hopeinen hotelli huhmare huhtikuu huhuilu huikea
huilata huilisti huilu huima huippu huiske huivi hulppea hunaja huntu huojua huoleton huoltaja huolto
huomata huomen huomio huone huopa hupailu hupaisa huppari huumori huussi huuto huvila hybridi hyeena hylly
hymiö hymni hymy hyppiä hyppy hypätä hyrinä hyrrä hyräillä hytti hyvyys hyvä hyväksyä hyytelö hyöty häkki
hämärä häntä härkä häät hölkkä höpinä höyhen höylätä höyry idea iglu ihailla ihanne ihme ihmisyys iho iijoki
iiris ikivanha ikkuna ilahtua ilma ilmaista ilmasto ilmiasu ilmiö iloinen iloita iltama ilveily ilves imago
imatra impala imuri imuroida inari inkoo innokas innostua intia into iskelmä iskuri istua istuin istuttaa
istutus isäntä italia itikka itu itäinen itäraja jahti jakaa jakelu jakkara jalas jalka jalkine jalo
jalokivi jalostaa jana janoinen jaotella japani jarru jarrutus jasmiini jauho joensuu jogurtti johtaa
joikata jokeri joki jono joukkue jousi joustava joutsen juhannus juhla juju julistus julkaisu jumppa juoksu
juoni juontaja juosta juottaa juristi jutella juttu juuri juurtua juusto jykevä jylinä jyrkänne jyrsijä
jyske jäkälä jälki jänis järjestö järvi jäsen jäsentää jättää jääkarhu jääpallo jäätelö jäätikkö kaakao
kaakeli kaali kaamos kaappi kaarna kaartaa kaasu kahlata kahva kahvila kaide kaihdin kaiku kaisla kaitale
kaivaa kaivo kajahdus kajakki kajo kakadu kaktus kalastus kaljaasi kalkki kalkkuna kallio kalossi kamari
kameli kamera kamiina kammata kampa kampela kanada kanerva kangas kannatus kannel kannu kanootti kansio
kantapää kantele kappale kapula karaoke karhea karhu karikko karjala karpalo karsia kartano kartio kartta
kasetti kaskas kastanja kaste kastelli kastike kasvi katiska katkos katse katsella kattaa kattila katto katu
kaukalo kaulia kauneus kaunis kauppa kauppias kaupunki kaura kausi kavio kehittää kehitys kehruu kehrä
kehräämö kehto kehua kehys keikkua keinu keisari keittiö keitto keksi kekäle kelkka kellari kello kelmu
kelta kemi kenguru kenia kenkä kepeä keppi kerava kerho kerma kerrata kerros kertoa kertomus kerääjä keskus
kestää kesä kesäkuu kesäloma kettu keventää keveys kevyt kiekko kielo kierre kiertue kiertää kiesi kiikari
kiina kiipeily kiiski kiitos kiivetä kilistä kilpi kimaltaa kimppu kinnas kipinä kippari kirahvi kirjain
kirjasto kirjava kirje kirjoa kirjuri kirkas kirnu kirsikka kirves kissa kitara kitee kitka kiuas kiwi
klaani koetella kohdata kohennus kohentaa kohina kohtaus koira koivikko koivu kokeilla kokemus kokki kokous
kola kolahdus kolibri kolikko kolme kolmio kolonna komeetta komero komeus kompassi kontti konttori kookas
kopioida koppa kopteri koralli korento koristaa koristus korjata korkea korkeus korottaa korppi korsi
kortteli koru koruton korva kosketin kosmos kotelo kotimaa kotitie kotoinen koukku koulutus kravatti kreikka
kriketti kroatia krookus kruunata kruunu kudelma kuhilas kuhmo kuikka kuiskaus kuiskia kuitu kuivata kukkaro
kukkia kukkula kulho kulissi kulkea kulkija kullata kulma kultaus kumartaa kumppani kumpu kuningas kunnia
kunto kuohua kuono kuopio kuoria kuormuri kupari kupla kuriiri kurki kurkku kurpitsa kurssi kutina kutsu kuu
kuuro kuutio kuutonen kuva kvartsi kyljys kylmä kylpeä kylpy kylvö kyläily kymppi kynnys kynsi kynttilä
kyntää kynä kypros kypärä kysyä kytkeä kyyhky käki käpy kärry käsine käsky kätevä kätkö kävellä käydä käynti
käytävä kääntyä käärö kömpiä köynnös köysi laadukas laaja laakeri laakso laastari laatija laatikko laatta
laavu ladata ladonta laguuni lahjakas lahna laidun laikku lainata lainaus laittaa laituri laiva lakaista
lakana lakritsi lammikko lampi lamppu lanttu lapio lasagne lasi laskento laskuri lastu latina lattia
lauantai laukata laulaa laulu lauma lauseke lautanen lavuaari lehdistö lehmus lehmä lehtinen lehtori leija
leijona leikata leikki leikkuri leinikki leipä leiskua leivos lelu lemmikki lempeä lennokki lentää leopardi
lepakko lepo leppoisa leppyä letku letti leuka leuto leveä levike levähdys levätä liana liekki lieksa liemi
lieska liettua liftari liikenne liikkuja liimata liittyä liitu liivi lilja limetti limonadi linnake linssi
lipas lipasto lisäys liuku livahtaa livetä logiikka lohi lohko lohtu loikkia loimaa loimu loisto loitota
loitsu lokakuu lokero lokka lommo lompakko lontoo loppu lorista lotja lounas luetella luettaa luettelo
luiska luistaa lukea luksus lumi lumme luonne luonto luova luovuus lupaus lupsakka lusikka luumu luuppi
luuta luvata lyhde lyhenne lyhty lyhyt lyijy lymytä lypsää lyriikka lystikäs lyyra läheinen lähettää lähetys
lähteä lähtö läikkyä lämmetä lämmike lämmin lämpö länsi lätäkkö lääkäri löyly löytää maakunta maalata
maalaus maapallo maatila maatuska madrid maestro maha mahdikas mahonki mahtava mahtua maihin maila maininki
maininta maisema maissi maistaa maisteri maito majakka majatalo majava makaroni makeinen mallisto malttaa
maltti mammutti manner mansikka mantere mantteli maraton marenki marja marmori marssia marsu maskotti matala
matelija matka matkaaja matkailu matkata maukas mehu mehukas meijeri melodia meloja melonta melskata
menestys mennä meri merimies merkitä merkki meteli metso mielekäs mieluisa miete mikkeli milano miljoona
minigolf minttu minuutti missio mitali mitata monikko moottori muffini muhennos muhvi muisti mukailla mukava
muki mukula multa mumma mummola muna munkki muokata muonio muoto muotoilu muotti murentaa murista museo
musiikki mustikka mutkaton mutteri mutustaa muurari muusikko muuttaa myhäillä myrsky myssy mysteeri myyjä
myymälä myöntää mäkinen mämmi männikkö mänttä mänty möhkäle mökkeily mökki naamio naapuri naarmu nahka nakki
naksaus naksua nalle napero napoli nappi nappula napsia naputtaa narikka narsissi naru naseva naula nauraa
nauris nauttia navetta neilikka neljä nenä nepal neste neulanen neule neuvoja neuvosto niellä nietos niiata
niitty niittää nilkka nimi nippu nisäkäs nojata nokia nokkela nokkonen norja nostaa nosturi notkelma notko
nousija nousta novelli nuija nukke numero nummi nuokkua nuoli nuorekas nuoska nuotio nurkka nurmes nurmikko
nykyaika nyökätä nähdä näkymä näköala näppylä näppärä näreikkö näyttely näytös näätä nöyryys odottaa odotus
ohdake ohittaa ohjaaja ohjata ohjaus ohjeisto ohjelma ohra ohut oikeus oikoa oiva oivallus oivaltaa ojennus
ojentaa okariina oksa olemus olento olkapää olki olla olohuone omeletti omena omistaa onkia onnekas onni
onnistua ooppera opas opastaa opaste opastus opetella opettaa opinto oppia oppilas oranssi orava oregano
orkidea orvokki osaaja osake osasto osata oslo osma osoite osoittaa osoitus osteri otus oulu ovela ovi
paahdin paalu paasi pahvi paikata paikka paimen painike paino paistos paita paju pakina pakkanen pakkaus
paksu pala palapeli palje paljetti palkinto palkita pallas pallo palloilu palmikko palmu paloauto palsta
palvella pampula panama paneeli pankko pantteri paperi paprika parannus parantaa paras parempi parila parkki
parsa parveke passeli pasteija pastilli pasuuna patja patonki patsas pehku pehmeä pehmike peilata peili
peite peitellä pelaaja pelastus pellava pelto penkki pensas pensseli pentu perehtyä perhe perhonen perille
perinne persikka peru peruna perusta peruukki perämies pesin pestä pesukone petäjä peukalo pianisti piano
pidentää piha pihamaa pihlaja piikki piilo piippu piirakka piirros piirto piirtää pikajuna pikari piknik
pilkkoa pilkku pilli pingis pinja pioni pipo pippuri piristys pirteä pisara piste pistellä pistoke pitko
pitsi pitää pizza plaketti plussa pohja pohjola pohtia poiketa poimia pokaali polkea polku polttimo polvi
ponttoni popliini poreilla porkkana poro porstua portaat portti porvoo posio posti potkia pouta praha
praliini prinssi prisma puhallus puhaltaa puhdas puhelias puhelin puhella puhti puikko puisto pujahtaa
pujotus pulkka pulpetti pulputa pumppu punainen punnitus punoa puntari puola puolukka puomi puristaa
puristus purje purkaja purnukka purppura pursi pusero puserrin putoilla puuseppä puuska puutarha puuvilla
pyramidi pyrintö pyrkiä pyrstö pysähtyä pysäkki pyyhe pyyhkiä pyykki pyöreys pyörre pyörä pähkinä päivä
päiväuni päkiä päre pärekori päällys päämäärä päärynä pääsky päättely päättää pölkky pöllö pönttö pörheä
pöytä raahe raami radio raikas raitti raivain raivata raivaus rakenne rakentaa raketti ralli rampata ranneke
ranska ranua rapea rapu rasti ratas ratikka ratkaisu ratsu rauha rauhaisa raukea ravinne ravinto ravistaa
rehevä reikä reilu reipas reippaus reki remontti reppu retiisi retkeily reuna riehakas riemu riemuita riento
rihma riihi riika rikkaus rinkeli rinkka rinne rinta ripeys ripeä risteys ristikko ritari riuska rivi
robotti rohkeus roihu roikkua roiske rokokoo romaani romppu rooma rosolli ruhtinas ruis ruisku rukkanen
rukki rulla runo runsas ruohikko ruoho ruokkia ruori ruotsi rusetti rusina ruskea ruukku ruusu ruuvi
ryhdikäs ryhmä ryhti ryhtyä rypistää rytmi räiskyvä räkätti räpylä räpyttää räystäs röyhelö saalis saapas
saapua saaristo saarni saattue sade sadetta safari safiiri sahata sahrami saimaa saippua saksa salaatti
salama salmi salonki salpa salvia sametti sammakko samoa sampo sandaali sanella sankari sanko sara sarana
sarvi sateinen satula sauna savanni seepia seisoa seiväs sekoitus selitys selleri selänne semla seniori
seppele seppä serbia serenadi serkku sermi setri seurata seutu siemaus siemen sieni sihteeri siima siipi
siirappi siirtyä siisti siivekäs silakka silittää silkki silmukka silmä silta simpukka sinappi sinfonia
sininen sipaista sipoo sipuli sireeni sirkka sirkkeli sirkus sirottaa sirpale sirppi sisar sisu sitkeä sitoa
sitruuna sivellä slalom smaragdi sohjo soihtu soikea soitin soittaja solmia solmu sonetti sopeutua sopia
sopraano sopuisa sorbetti sormus sorsa sotkamo soutaa spagetti spiraali stadion studio suhahdus suihkia
suihku sujuva sukellus sukeltaa sukka sukkela suklaa suksi sulattaa sulava sulku suloinen sumuinen suojata
suojatie suomu suopea suopursu suora suosittu suotuisa supista suppilo surffata surffi sutjakka suunnata
suunta suvanto sveitsi sydän sykli syksy synty sysäys sytyttää syventyä syyskuu syödä syötti säestää sähinä
sähkö säihkyä säiliö säilyke säilöä säle sämpylä särki särmikäs särmä sävel sävelmä säveltää sävy sää
taateli taikina taikuri taimisto taipale taipua taitava taite taitella taivas talkoot talvisää tammi
tammikuu tampere tanakka tandem tanhu tanssi tapahtua tapaus tapetti tarha tarhuri tarina tarjotin tarkka
tarkkuus tarttua tasanko tasku tatami tatti tauko taulukko tavara tavi teatteri teekannu teema teeri tehdä
tehokas telakka teline teltta tempaus tenava tenhota tennis tenori terassi terhakka termos terva teräs
terästää tiede tiedosto tihku tiikeri tiira tiistai tikapuut tilava tilhi timantti timjami timotei tina
tiskata tiski tivoli tohtori tohveli toimi toistaa toive toivoa tomaatti tomera tonga tonttu topakka tori
torino tornio torppa torstai totella totuus touhuta toukokuu traktori trapetsi treffi trikoo trio tuikkia
tuli tulkita tulokas tulppa tunisia tunneli tunnelma tunti tunturi tuohi tuokio tuoksua tuore tupa tuppi
tupsu turbaani turkki turku turvata turve tutka tuttava tutustua tuuba tuutti tykky tykästyä tyrni tyylikäs
tyynni tyyntyä tyyny työ työkalu tähdistö tähkä tähti tähystin tähystys tähystää täky täplä täysikuu täyte
täyttää tölkki töppönen törmä töyhtö töyräs uhkea uida uimala uimari uinua uistelu uistin uitto ukkonen
ukulele ulappa uljas ulkoilla ulkoilu ullakko ulpukka uneksia unelma uni unkari unohtaa untuva uoma upea
uppoutua urakka urhea urheilu urkuri uruguay urut uskaltaa uskoa uskottu usva utelias uudin uudistaa
uumoilla uurastaa uurna uusi uutinen vaahtera vaahto vaalea vaasa vaate vadelma vaellus vaeltaja vaihde
vaihtaa vaihtelu vaikutus vaippa valaista valinta valjas valkea valmis valoisa valokuva valssata valssi
valtikka vanilja vanne vannoa vanttera vanukas vapa varis varjo varma varpu varpunen varsi varsova varuste
varvas vasara vasikka vaski vasta vastata vati vatkain vauhti vaunu vauva vehnä veistos veistää veivata
vekotin vene venyttää veranta verhoilu verkko verraton verso verstas vesi vesistö veto vetreä veturi
vetäytyä viedä viehkeä vieras viesti vietnam vihko vihreä viihtyä viikate viikinki viikko viileä viipale
viipyä viiri viisari viisas viitonen viitta vikkelä vilahdus viljelmä vilkas villava vilna vimpeli vinkki
vintti vipu virittää virkeä virkku virpi virrat virta viserrys vispata vispilä vitja viuhua viulu voidella
voikukka voima voittaa voitto volyymi vuokko vuoksi vuolas vyyhti vyöruusu väkevä välipala välittää välkkyä
väri väritys värttinä väylä wales yhdistys yhdistää yhteisö yhtye yksikkö ylevä ylhäinen ylistää ylläs
yllättää ylpeys yltää yläkerta ylänkö ymmärtää ympyrä ympäri yrittää yritys yrtti ystävä yökaste yölamppu
yösija zeniitti äiti äly älykäs ärhäkkä äyräs äänekäs äänestää ääni äänite äännellä öljy ötökkä
`
  .trim()
  .split(/\s+/)
