"""Makes tokens.json: what the PTBTokenizer of CoreNLP 3.4.1 and pycocoevalcap's wrapper around it
answer for captions that are made up here.

    pip install pycocoevalcap && python make_tokens.py > tokens.json

Needs Java.
"""

import json
import pathlib
import subprocess
import tempfile

import pycocoevalcap.tokenizer.ptbtokenizer as toolkit

JAR = pathlib.Path(toolkit.__file__).parent / toolkit.STANFORD_CORENLP_3_4_1_JAR

CAPTIONS = """
A woman in a red dress walks (slowly) past two dogs.
two   dogs	and a\u00a0cat
Slim-fit jeans, 32" waist / 34" inseam, only $49.99!!!
Kids' hoodie w/ zip -- 50% off; size 5-6 years
I can't say it isn't the boys' ball, but he'll've seen it's Ann's
DON'T! Won't? CAN'T don\u2019t shan\u2019t. n't 's
We cannot stay, they're gonna dance 'cause it's '80s night; 'tis fun, 'twas rock 'n' roll
gimme that, lemme see, wanna? gotta go
O'Brien, D'Angelo and l'oreal-style d'or bags; y'all c'mon, o'clock, ma'am, li'l s'mores
'quoted' "double" `tick` ``latex'' \u2018curly\u2019 \u201cDouble\u201d \u00abangle\u00bb \u2039x\u203a \u201elow\u201c
"" '' " ' ` "a "1 "$ "- '60s '90 '07 ''
Mr. Lee met Dr. Kim and Mrs. Oz vs. Ms. Fox at St. Ives, Mt. Fuji
Shoes by Acme Inc. The box is from Brand Co. Ltd. and others etc.
Acme Inc.
made in the U.S.A. by U.S. Steel, e.g. in N.Y., i.e. the east, a.m. or p.m.
It ends with U.S. The next begins. Plan B. It works. Vitamin C. He ate.
plan b. then c.
No. 7, no. seven, nos. 3 and 4, fig. 2, pp. 3-4, art. 5; ca. 1990; no.5
Jan. 5, Sept. 9, Tues. night, Calif. coast, Az. desert, az. desert, La. bayou, la. la
Jr. and Sr., Ph.D. student, Ed.D. too, Bros. band
Pty. Ltd. and pty. limited, Cos. and corp. news, Mfg. MFG. mtg.
non-U.S. goods and Sino-U.S. talks, U.S.-U.K. ties, Canada-U.S. border.
a.k.a. the shop, cf. above, Wm. and Jos. came, Alex. too
1,299.99 -5 +5 .5 1:30 12:30pm 3.14.15 1,2,3 -1,000 10% 10-12 1st 2nd 2x4 4x4s
5 1/2 inches, 3-1/2, 1/2, \u00bd cup, \u00bc \u00be \u2153 \u2154 \u215b, 1\u20442, 12/31/2014, 1-2-99, 1/2/3
call (555) 123-4567, (555)123-4567, 555-123-4567, 555.123.4567, +1 555 123 4567, ++49.89.123.4567
$5 US$5 C$ A$AP #1 \u20ac50 \u00a350 \u00a5500 50\u00a2 #tag #s\u00fcper ##two @user @_x @@ @5
x\u00b2 and H\u2082O, 10\u207b\u2075, a\u207a, 5\u00b0 \u00d7 \u00f7 \u00a9\u2122 \u2192 \u2713
http://shop.example.com/a?b=c. https://x.co, http://x (http://a.b/c) http://
www.example.com/path/x.html, shop.example.com/cart. Shop.com EXAMPLE.ORG my.net a.b.edu/x, www.x.museum
mail me@shop.com, <me@shop.com>; a@b a@.b a@b..c me.you+tag@site.co.uk. @home
photo.jpg IMG_0001.PNG, file.tar.gz. archive.zip? notes.v2.txt! jpg .jpg a.b.c x.12.mp3
<b>bold</b> <a href="x y">link</a> <br/> <br /> <!-- no --> <!DOCTYPE html> < b > <3 a<b <a b=c> <a b='c' d>
&amp; &AMP; &lt;tag&gt; &quot;q&quot; &apos;tis &nbsp; &mdash; &ndash; &eacute;t&eacute; &#39; &odq; &foo; AT&amp;T
H&M, AT&T, A+B, AB+CD+EF, R&D. Q&A, a&b, Y+3 skirts & tops
S&P-500, S&Ls, C++ c# f# g# .NET pro-am anti-war C.D.s Cap'n Crunch, c'est chic -LRB- -rrb-
:) :-) ;D =( >:( :] (^_^) (-_-) ^_^ -_- x_x :') <3 :/ 8) :-)) :)x
( [ { < > } ] ) << >> - -- --- ---- ----- _ __ / \\ | ~ ^ = * ** \\* \\*\\*
... .. .... ..... ...... . . . . . . . . \u2026 wait...what?!? !? ... . ..
, ; : ? ! \u3001 \u3002 \u00bf que\u0301 \u00a1 \u037e \u061f
\u2013 \u2014 a\u2013b 5\u20146 \u2015 \u2010 \u2011 \u2012
t-shirt v-neck off-the-shoulder black/white black/white/red/blue 3/4-sleeve and/or red-/blue size-8.5 x-ray.
T-SHIRT_long snake_case- -dash- a--b a-b-c-d/e f/g-h-i-j k.l-m.n co-op. multi-color, one,two,three-four
U.S.-based A.B.-type x-U.S. x-a.b.c x-1.5
a.b.c.d e.f. g.h Hello.World What?Yes no!no 1.a a.1 a1.b2
dogs'. dogs', dog's; Jones's Shi'ite Qur'an Hawai'i Xi'an rock'n'roll fo'c'sle e'er ne'er 'em 'til 'cause 'n
caf\u00e9 na\u00efve \u00dcBER \u0130stanbul \u03a9MEGA \u039f\u0394\u039f\u03a3 \u0416\u0423\u041a \u0627\u0644 \u05e9\u05dc\u05d5\u05dd \u0e44\u0e17\u0e22 \u0939\u093f\u0928\u094d\u0926\u0940
\u65e5\u672c\u8a9e\u306e\u30c6\u30b9\u30c8\u3002\u4e2d\u6587 \ud55c\uad6d\uc5b4 \uff21\uff22\uff23 \uff01 \u3000wide
e\u0301clair soft\u00adhyphen \u00ad zero\u200bwidth \u200d join \ufeffbom \u0660\u0661\u0662
dress \U0001f457 with \u2764\ufe0f and \U0001f469\u200d\U0001f467 a\U0001f600@b.com
tab\u0009here bell\u0007 nul del\u007f c1 \u0080 \u0091x\u0092 \u0093y\u0094 \u0096 \u0097 \u0085
(no spaces)before[or]after{any}bracket
100,000-word 5'10" tall, 6' x 4', 5ft. 10in. No.
pack of 3pcs 80/20 cotton/poly 2-for-1 24/7 9-to-5 mid-1990s 1990's 60s
Smart casual... or not?? "Yes," she said. 'No,' he said, "it's 'fine'."
The end .
   padded   
.
?!
-
' '
Prices from $1.00/each, buy-one-get-one (BOGO), approx. 20 cm. x 30 cm. w/o tax
size M/L, XS-XXL, S/M; 36DD; UK12; EU-40; W32/L34; #00ff00; No.: 12345-678
e.t.c., etc., etc.; Inc., inc; corp.; no., vs., approx.
Ltd. and Ltd.! Corp.? (Inc.) "Co." Inc.. Inc...
http://a.com\u00a0
see shop.com/a/b.
I.M. Pei and J.K. R. The A. About I. He x. You
""".strip("\n").split("\n")


def tokenize(captions):
    """Every caption as a file of its own that ends with a line feed."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        pairs = [(folder / f"{i}.in", folder / f"{i}.out") for i in range(len(captions))]
        for caption, (source, _) in zip(captions, pairs):
            source.write_bytes(caption.encode() + b"\n")
        (folder / "list").write_text("".join(f"{a} {b}\n" for a, b in pairs))
        subprocess.run(["java", "-cp", JAR, "edu.stanford.nlp.process.PTBTokenizer", "-preserveLines",
                        "-ioFileList", folder / "list"], check=True, stderr=subprocess.DEVNULL)
        return [target.read_bytes().decode().replace("\n", "") for _, target in pairs]


def main():
    # In the wrapper one caption can run on into the next: a word between them keeps them apart.
    apart = {i: [{"caption": caption}, {"caption": "zebra"}] for i, caption in enumerate(CAPTIONS)}
    kept = toolkit.PTBTokenizer().tokenize(apart)
    assert all(answer[1] == "zebra" for answer in kept.values())
    lines = [json.dumps({"caption": caption, "ptb": tokens, "caption_tokens": kept[i][0]})
             for i, (caption, tokens) in enumerate(zip(CAPTIONS, tokenize(CAPTIONS)))]
    print("[" + ",\n ".join(lines) + "]")


if __name__ == "__main__":
    main()
