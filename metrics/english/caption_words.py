"""The words of caption_grammar.py, by what can be said with them."""
IRREGULAR_PLURALS = {
    "man": "men", "woman": "women", "child": "children", "person": "people", "sheep": "sheep",
    "knife": "knives", "scarf": "scarves", "shelf": "shelves", "loaf": "loaves", "goose": "geese",
    "foot": "feet", "fireman": "firemen", "policeman": "policemen", "fisherman": "fishermen"}

# Nouns by what can be done with them. Those of "plural_garment" have no singular.
NOUNS = {
    "person": "man woman boy girl child person lady guy kid player skier surfer skateboarder"
              " toddler rider cyclist tourist chef farmer dancer couple family crowd baby worker"
              " musician bride soldier policeman fisherman student swimmer model snowboarder team",
    "animal": "dog cat horse cow sheep bird elephant giraffe zebra bear puppy kitten duck goat pony"
              " bull lamb parrot goose seagull rabbit monkey fox",
    "vehicle": "car bus train truck bicycle motorcycle boat bike airplane van scooter taxi tractor"
               " skateboard surfboard wagon ship canoe jeep plane",
    "furniture": "table couch bench chair bed desk shelf sofa counter stool windowsill carpet"
                 " blanket pillow mat rug box crate basket",
    "place": "field street beach park kitchen room road river lake mountain bathroom restaurant"
             " station garden city forest barn yard market parking_lot living_room tennis_court"
             " baseball_field swimming_pool sidewalk bridge fence building house wall hill tree"
             " train_station soccer_field airport harbor meadow runway playground",
    "nature": "water grass snow sand sky dirt mud ice sunlight sunshine",
    "food": "pizza sandwich cake apple banana salad bread soup carrot orange donut cheese hot_dog"
            " broccoli pasta fruit meat rice steak burger cookie ice_cream",
    "thing": "ball frisbee umbrella phone book camera bag cup plate bowl bottle laptop kite racket"
             " guitar toy knife fork flag sign balloon suitcase vase clock lamp flower newspaper"
             " tennis_racket baseball_bat cell_phone teddy_bear glass tray rope stick bucket"
             " computer_monitor tv keyboard remote_control fire_hydrant stop_sign street_light",
    "part": "head face hand tail leg mouth ear wing eye back arm foot neck hair nose horn",
    "garment": "shirt jacket dress hat coat t-shirt sweater skirt scarf suit tie hoodie blazer"
               " blouse cardigan polo vest top jumpsuit bodysuit longsleeve undershirt tee cap"
               " raincoat helmet tank_top parka sweatshirt tunic romper",
    "plural_garment": "jeans pants shorts leggings trousers boots shoes sneakers sandals glasses"
                      " sunglasses gloves socks joggers heels slippers overalls tights",
    "feature": "zip pocket hood collar sleeve button zipper logo print pattern belt strap hem cuff"
               " lace stripe heel sole ruffle waistband neckline toe lining drawstring fringe bow",
    "cut": "v-neck crewneck turtleneck halter pencil wrap maxi bomber denim boyfriend cargo ankle"
           " biker trench polo button-down",
    "material": "leather cotton silk denim wool linen velvet lace suede fleece cashmere satin nylon"
                " polyester canvas jersey mesh fur",
}
NOUNS = {kind: [noun.replace("_", " ") for noun in nouns.split()] for kind, nouns in NOUNS.items()}
MASS = set(NOUNS["nature"]) | {"bread", "soup", "cheese", "broccoli", "pasta", "fruit", "meat",
                               "rice", "hair", "ice cream"}

COLOURS = ("black white red blue green yellow brown pink grey gray purple orange beige navy khaki"
           " burgundy turquoise tan golden silver").split()
SHADES = "light dark bright pale deep".split()
PATTERNS = "striped plaid floral checkered patterned printed solid dotted multicolored".split()
STYLES = ("long-sleeve short-sleeve sleeveless long-sleeved oversized high-waisted low-top slim"
          " loose casual skinny short long cropped high-top lightweight knitted quilted hooded"
          " off-shoulder a-line").split()
FEATURE_WORDS = ("long short round pointed wide ribbed contrasting elastic high low soft flat"
                 " narrow").split()
ADJECTIVES = {
    "person": "young old little small tall smiling happy elderly blonde older asian shirtless",
    "animal": "big small large little young wild brown furry fluffy wet cute spotted adult white",
    "vehicle": "old red small big parked yellow blue large modern vintage long empty double-decker",
    "furniture": "wooden large small brown white old long metal glass comfortable empty round",
    "place": "busy green large small empty grassy snowy sandy crowded wooden rocky narrow quiet",
    "nature": "clear blue shallow deep green white tall dry calm",
    "food": "fresh large sliced delicious hot small half-eaten colorful homemade",
    "thing": "large small red white black colorful open blue plastic broken green pink old",
    "part": "long open white large black short curly",
}
ADJECTIVES = {kind: words.split() for kind, words in ADJECTIVES.items()}
NUMBERS = "two three four five six 2 3 several many some few seven ten".split()

PLACE_PREPOSITIONS = ("on in at near by behind under beside inside outside against around above"
                      " beneath over across along atop").split()
PATH_PREPOSITIONS = "down through across along over up into past toward around towards".split()
PAIR_PREPOSITIONS = [("next", "to"), ("outside", "of"), ("inside", "of"), ("out", "of"),
                     ("off", "of")]
# "in front of": the noun in the middle depends on what stands before, with an article or without.
NOUN_PREPOSITIONS = [("in", "", "front"), ("on", "", "top"), ("in", "the", "middle"),
                     ("on", "the", "side"), ("in", "the", "back"), ("on", "the", "edge"),
                     ("at", "the", "top"), ("in", "the", "corner"), ("at", "the", "end")]

SCENES = [("in", "the", "", "background"), ("at", "", "", "night"), ("on", "a", "sunny", "day"),
          ("on", "a", "rainy", "day"), ("during", "the", "", "day"), ("in", "the", "", "distance"),
          ("in", "", "", "front"),
          ("in", "the", "", "foreground"), ("at", "", "", "sunset")]

# lemma, present, -ing form, participle, objects, particle
TRANSITIVE = [
    ("ride", "rides", "riding", "ridden", "vehicle animal", ""),
    ("hold", "holds", "holding", "held", "thing food animal", ""),
    ("wear", "wears", "wearing", "worn", "garment plural_garment", ""),
    ("eat", "eats", "eating", "eaten", "food", ""),
    ("throw", "throws", "throwing", "thrown", "thing", ""),
    ("catch", "catches", "catching", "caught", "thing", ""),
    ("carry", "carries", "carrying", "carried", "thing food", ""),
    ("watch", "watches", "watching", "watched", "animal person", ""),
    ("feed", "feeds", "feeding", "fed", "animal", ""),
    ("cut", "cuts", "cutting", "cut", "food", ""),
    ("drive", "drives", "driving", "driven", "vehicle", ""),
    ("chase", "chases", "chasing", "chased", "animal thing", ""),
    ("push", "pushes", "pushing", "pushed", "vehicle", ""),
    ("pull", "pulls", "pulling", "pulled", "vehicle", ""),
    ("use", "uses", "using", "used", "thing", ""),
    ("read", "reads", "reading", "read", "thing", ""),
    ("hit", "hits", "hitting", "hit", "thing", ""),
    ("pet", "pets", "petting", "petted", "animal", ""),
    ("play", "plays", "playing", "played", "thing", ""),
    ("prepare", "prepares", "preparing", "prepared", "food", ""),
    ("cross", "crosses", "crossing", "crossed", "place", ""),
    ("herd", "herds", "herding", "herded", "animal", ""),
    ("pick", "picks", "picking", "picked", "thing food", "up"),
    ("put", "puts", "putting", "put", "garment", "on"),
    ("show", "shows", "showing", "shown", "thing", "off"),
]
INTRANSITIVE = [
    ("sit", "sits", "sitting"), ("stand", "stands", "standing"), ("lie", "lies", "lying"),
    ("lay", "lays", "laying"), ("sleep", "sleeps", "sleeping"), ("play", "plays", "playing"),
    ("pose", "poses", "posing"), ("rest", "rests", "resting"), ("wait", "waits", "waiting"),
    ("graze", "grazes", "grazing"), ("swim", "swims", "swimming"), ("smile", "smiles", "smiling"),
]
MOTION = [
    ("walk", "walks", "walking"), ("run", "runs", "running"), ("fly", "flies", "flying"),
    ("jump", "jumps", "jumping"), ("travel", "travels", "traveling"), ("move", "moves", "moving"),
    ("ski", "skis", "skiing"), ("drive", "drives", "driving"), ("sail", "sails", "sailing"),
]
# lemma, present, -ing form, preposition
PREPOSITIONAL = [
    ("look", "looks", "looking", "at"), ("play", "plays", "playing", "with"),
    ("talk", "talks", "talking", "to"), ("talk", "talks", "talking", "on"),
    ("wait", "waits", "waiting", "for"), ("reach", "reaches", "reaching", "for"),
    ("stare", "stares", "staring", "at"), ("lean", "leans", "leaning", "against"),
    ("work", "works", "working", "on"), ("bark", "barks", "barking", "at"),
    ("drink", "drinks", "drinking", "from"), ("point", "points", "pointing", "at"),
]
# participle, lemma, subjects, prepositions, what follows them
PASSIVE = [
    ("parked", "park", "vehicle", "on in by near at beside", "place vehicle"),
    ("covered", "cover", "furniture place", "with in by", "nature food thing"),
    ("filled", "fill", "place furniture", "with", "thing food person"),
    ("dressed", "dress", "person", "in", "garment"),
    ("surrounded", "surround", "place person animal", "by", "person animal thing"),
    ("decorated", "decorate", "furniture place food", "with", "thing"),
    ("seated", "seat", "person", "at on in", "furniture"),
    ("tied", "tie", "animal vehicle", "to", "furniture thing"),
    ("placed", "place", "thing food", "on in near", "furniture"),
    ("painted", "paint", "vehicle furniture", "in by", "person place"),
    ("displayed", "display", "food thing", "on in at", "furniture place"),
    ("topped", "top", "food", "with", "food"),
    ("lined", "line", "place", "with", "vehicle thing"),
    ("pulled", "pull", "vehicle", "by", "animal"),
    ("attached", "attach", "thing", "to", "place vehicle"),
    ("led", "lead", "animal", "by", "person"),
    ("held", "hold", "thing animal", "by", "person"),
    ("ridden", "ride", "animal vehicle", "by", "person"),
]
