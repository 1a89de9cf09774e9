"""Pictures of every kind that a format knows and of some that it does not, made at random: odd headers,
missing ends, wrong checksums, rubbish between blocks. Each function gives the bytes of one file."""

import io
import random
import struct
import zlib

import numpy as np
from PIL import Image

RANDOM = random.Random(1)


def maybe(chance):
    return RANDOM.random() < chance


def noise(count):
    return RANDOM.randbytes(count)


def damaged(data):
    """The same with one to three faults of the kinds that files get on their way."""
    data = bytearray(data)
    for _ in range(RANDOM.choice([1, 1, 2, 3])):
        if len(data) < 20:
            break
        at, other = RANDOM.randrange(len(data)), RANDOM.randrange(len(data))
        fault = RANDOM.choice(["byte", "bit", "head", "cut", "zeros", "gap", "repeat", "trailer"])
        if fault == "byte":
            data[at] = RANDOM.randrange(256)
        elif fault == "bit":
            data[at] ^= 1 << RANDOM.randrange(8)
        elif fault == "head":
            data[at % 64 % len(data)] = RANDOM.choice([0, 1, 2, 128, 255])
        elif fault == "cut":
            del data[RANDOM.randrange(len(data) // 2, len(data)):]
        elif fault == "zeros":
            data[at:at] = bytes(RANDOM.randrange(1, 6))
        elif fault == "gap":
            del data[at:at + RANDOM.randrange(1, 8)]
        elif fault == "repeat":
            data[at:at] = data[other:other + RANDOM.randrange(1, 30)]
        else:
            data += noise(RANDOM.randrange(1, 60))
    return bytes(data)


def smooth(width, height, channels=3):
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    phase = RANDOM.random() * 6
    return (127 + 120 * np.sin(x / 5 + y / 7 + c + phase)).astype(np.uint8)


# BMP

MASKS = {
    16: [(0xF800, 0x7E0, 0x1F, 0), (0x7C00, 0x3E0, 0x1F, 0)],
    24: [(0xFF0000, 0xFF00, 0xFF, 0)],
    32: [(0xFF0000, 0xFF00, 0xFF, 0), (0xFF000000, 0xFF0000, 0xFF00, 0), (0xFF000000, 0xFF00, 0xFF, 0),
         (0xFF000000, 0xFF0000, 0xFF00, 0xFF), (0xFF, 0xFF00, 0xFF0000, 0xFF000000),
         (0xFF0000, 0xFF00, 0xFF, 0xFF000000), (0xFF000000, 0xFF00, 0xFF, 0xFF0000), (0, 0, 0, 0)],
}


def runs(width, height, nibbles):
    """Run-length coded rows of random indices, some of which end early."""
    out = b""
    for _ in range(height):
        x = 0
        while x < width and not maybe(0.1):
            if maybe(0.6) or width - x < 3:
                count = RANDOM.randint(1, min(width - x, 255))
                out += bytes([count]) + noise(1)
            elif maybe(0.1):
                out += bytes([0, 2, RANDOM.randrange(4), RANDOM.randrange(2)])
                count = 1
            else:
                count = RANDOM.randint(3, width - x)
                size = (count + 1) // 2 if nibbles else count
                out += bytes([0, count]) + noise(size) + bytes(size % 2)
            x += count
        if maybe(0.95):
            out += b"\0\0"
    return out + b"\0\1"


def bmp_palette(bits, entry):
    """The number of colours to be told, 0 for all, and their table."""
    told = RANDOM.choice([0, 0, 1, 2, 1 << bits, RANDOM.randint(1, 1 << bits), 256])
    count = told or 1 << bits
    if maybe(0.3) and count <= 256:
        grays = [0, 255] if count == 2 else range(count)
        return told, b"".join(bytes([gray] * 3 + [0])[:entry] for gray in grays)
    table = noise(count * entry)
    return told, table[:RANDOM.randrange(len(table))] if maybe(0.1) else table


def bmp():
    bits = RANDOM.choice([1, 4, 8, 8, 16, 24, 32])
    size = RANDOM.choice([12, 40, 40, 52, 56, 64, 108, 124])
    width, height = RANDOM.choice([1, 2, 3, 5, 8, 13, 32]), RANDOM.choice([1, 2, 3, 7, 16])
    compression = 0
    if size > 12 and bits > 1:
        compression = RANDOM.choice([0, 3] if bits > 8 else [0, 1, 2])
    told, palette = bmp_palette(bits, 3 if size == 12 else 4) if bits <= 8 else (0, b"")
    masks = RANDOM.choice(MASKS.get(bits, [(1, 2, 4, 8)]))
    if maybe(0.03):
        masks = tuple(RANDOM.getrandbits(32) for _ in range(4))
    if compression in (1, 2):
        pixels = runs(width, height, compression == 2)
    else:
        pixels = noise((width * bits + 31) // 32 * 4 * height)
    if size == 12:
        header = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        header = struct.pack("<IiiHHIIiiII", size, width, RANDOM.choice([height, -height]), 1, bits,
                             compression, len(pixels), 0, 0, told, 0)
        fields = struct.pack("<4I", *masks)
        header += fields[:12] if size == 40 and compression == 3 else (fields + bytes(72))[:size - 40]
    offset = 14 + len(header) + len(palette)
    if maybe(0.1):
        offset = RANDOM.choice([0, 14 + size, offset + 1])
    pixels = pixels[:len(pixels) - RANDOM.choice([0] * 9 + [3])]
    file = b"BM" + struct.pack("<IHHI", 0, 0, 0, offset) + header + palette + pixels
    return file[14:] if maybe(0.05) else file


# PNG

def png_chunk(kind, content, right=True):
    checksum = zlib.crc32(kind + content) ^ (not right)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png_rows(width, height, bits, interlaced):
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
              (0, 1, 1, 2)] if interlaced else [(0, 0, 1, 1)]
    rows = b""
    for x, y, dx, dy in passes:
        columns = len(range(x, width, dx))
        for _ in range(len(range(y, height, dy)) if columns else 0):
            size = (columns * bits + 7) // 8
            rows += bytes([RANDOM.randrange(5)]) + (noise(size) if maybe(0.7) else noise(1) * size)
    return rows


def png_stream(rows):
    """The rows packed in some way, and sometimes not soundly."""
    packer = zlib.compressobj(RANDOM.choice([0, 1, 6, 9]), zlib.DEFLATED, RANDOM.choice([9, 12, 15]), 8,
                              RANDOM.choice([0, 2, 3, 4]))
    stream = packer.compress(rows) + (packer.flush(zlib.Z_FULL_FLUSH) if maybe(0.2) else b"")
    stream += packer.flush()
    return RANDOM.choice([
        *[lambda: stream] * 6,
        lambda: stream[:-RANDOM.randrange(1, 6)],
        lambda: stream[:-1] + bytes([stream[-1] ^ 1]),
        lambda: stream + noise(3),
        lambda: zlib.compress(rows[:len(rows) * RANDOM.randrange(1, 10) // 10]),
        lambda: zlib.compress(rows + noise(100)),
        lambda: damaged(stream),
    ])()


def png():
    color = RANDOM.choice([0, 2, 3, 3, 4, 6])
    depth = RANDOM.choice({0: [1, 2, 4, 8, 16], 3: [1, 2, 4, 8]}.get(color, [8, 16]))
    width, height = RANDOM.choice([1, 2, 3, 5, 8, 13, 40]), RANDOM.choice([1, 2, 3, 7, 16])
    bits, interlaced = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color], maybe(0.3)
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlaced)
    chunks = [(b"IHDR", header, True)]
    if color == 3 or maybe(0.1):
        chunks.append((b"PLTE", noise(3 * RANDOM.choice([1, 2, 4, 16])), True))
    if maybe(0.1):
        chunks.append((b"tRNS", noise(6), True))
    if maybe(0.1):
        chunks.append((b"acTL", struct.pack(">II", RANDOM.choice([0, 1, 2]), 0), True))
    if maybe(0.1):
        x, y = RANDOM.randrange(width), RANDOM.randrange(height)
        frame = struct.pack(">5I6x", 0, RANDOM.randint(1, width - x), RANDOM.randint(1, height - y), x, y)
        chunks.append((b"fcTL", frame, True))
    stream = png_stream(png_rows(width, height, bits, interlaced))
    cuts = sorted(RANDOM.randrange(len(stream) + 1) for _ in range(RANDOM.choice([0, 0, 1, 2, 30])))
    for begin, end in zip([0, *cuts], [*cuts, len(stream)]):
        chunks.append((b"IDAT", stream[begin:end], maybe(0.9)))
    if maybe(0.2):
        chunks.append((b"tEXt", b"key\0text", maybe(0.5)))
    if maybe(0.8):
        chunks.append((b"IEND", b"", maybe(0.9)))
    at, to = RANDOM.randrange(len(chunks)), RANDOM.randrange(len(chunks))
    if maybe(0.05):
        del chunks[at]
    elif maybe(0.05):
        chunks.insert(to, chunks[at])
    elif maybe(0.05):
        chunks[at], chunks[to] = chunks[to], chunks[at]
    elif maybe(0.05):
        chunks[at] = (RANDOM.choice([b"abCD", b"a\xffCD", b"DDAT", b"IEND"]), *chunks[at][1:])
    file = b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)
    return file[:-RANDOM.randrange(1, 20)] if maybe(0.1) else file


# GIF

def gif_raster(data):
    """Blocks of the codes in a GIF with one frame, and the frame's flags and code size."""
    frame = data.index(b",", 13 + (3 * (2 << (data[10] & 7)) if data[10] & 0x80 else 0))
    at = frame + 10 + (3 * (2 << (data[frame + 9] & 7)) if data[frame + 9] & 0x80 else 0)
    bits, codes = data[at], b""
    at += 1
    while data[at]:
        codes += data[at + 1:at + 1 + data[at]]
        at += 1 + data[at]
    if maybe(0.1):
        codes = damaged(codes)
    blocks = b""
    while codes:
        size = RANDOM.choice([255, 255, RANDOM.randint(1, 255)])
        blocks += bytes([len(codes[:size])]) + codes[:size]
        codes = codes[size:]
    return bytes([RANDOM.randrange(14) if maybe(0.03) else bits]) + blocks, data[frame + 9] & 0x40


def gif_palette(bits):
    """The flags of a table of 2 ** (bits + 1) colours, and the table."""
    grays = bytes(i // 3 for i in range(3 * (2 << bits)))
    return 0x80 | bits, grays if maybe(0.3) else noise(len(grays))


def gif():
    width, height = RANDOM.choice([1, 2, 3, 9, 30, 75]), RANDOM.choice([1, 2, 3, 4, 5, 8, 51])
    colors = RANDOM.choice([2, 4, 7, 16, 100, 256])
    indices = smooth(width, height, 1)[:, :, 0] // (256 // colors)
    if maybe(0.5):
        indices = np.frombuffer(noise(width * height), np.uint8).reshape(height, width)
        indices = indices.astype(int) % colors
    encoded = io.BytesIO()
    Image.fromarray(indices.astype(np.uint8)).save(encoded, "GIF", interlace=RANDOM.randrange(2))
    raster, interlaced = gif_raster(encoded.getvalue())
    rubbish = [lambda: bytes(RANDOM.randrange(1, 4)), lambda: noise(1), *[lambda: b""] * 8]
    extensions = [
        lambda: b"!\xf9\4" + noise(1) + b"\0\0" + noise(1) + b"\0", lambda: b"!\xfe\3abc\2de\0",
        lambda: b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0",
        lambda: RANDOM.choice([b"!\xf9\0", b"!\xfe\0", b"!\xff\0", b"!\1\0"]),
    ]
    screen = RANDOM.choice([(width, height), (RANDOM.randint(1, 90), RANDOM.randint(1, 70))])
    flags, palette = gif_palette(RANDOM.choice([0, 1, 2, 7])) if maybe(0.7) else (0, b"")
    file = b"GIF89a" + struct.pack("<HHBBB", *screen, flags, RANDOM.randrange(256), 0) + palette
    for _ in range(RANDOM.choice([0, 0, 1, 2])):
        file += RANDOM.choice(rubbish)() + RANDOM.choice(extensions)()
    place = (0, 0) if maybe(0.7) else (RANDOM.randrange(20), RANDOM.randrange(20))
    flags, palette = gif_palette(RANDOM.choice([0, 1, 2, 7])) if maybe(0.5) else (0, b"")
    file += RANDOM.choice(rubbish)() + b"," + struct.pack("<HHHHB", *place, width, height, flags | interlaced)
    file += palette + raster + RANDOM.choice([b"\0", b"\0", b""]) + RANDOM.choice(rubbish)()
    return file + RANDOM.choice([b";", b";", b"", b"," + noise(300), bytes(70000)])


# JPEG

def jpeg_bytes(width, height, **options):
    image, out = Image.fromarray(smooth(width, height)), io.BytesIO()
    (image.convert("L") if maybe(0.2) else image).save(out, "JPEG", **options)
    return out.getvalue()


LARGE = []  # more than 64 KiB, which is what Pillow reads at a time


def jpeg():
    if not LARGE:
        out = io.BytesIO()
        Image.effect_noise((700, 500), 50).save(out, "JPEG")
        LARGE.append(out.getvalue())
    width, height = RANDOM.choice([1, 8, 17, 64]), RANDOM.choice([1, 9, 16, 50])
    data = jpeg_bytes(width, height, quality=RANDOM.choice([30, 75, 92]), progressive=maybe(0.3),
                      subsampling=RANDOM.randrange(3))
    if maybe(0.15):
        data = LARGE[0]
    ends = [
        lambda: data, lambda: data[:-2], lambda: data + noise(50),
        lambda: data[:-2] + bytes(RANDOM.choice([1, 2, 100, 70000])),
        lambda: data[:-2] + noise(RANDOM.choice([1, 2, 9, 300])),
        lambda: data[:-RANDOM.randrange(1, 40)],
        lambda: data[:-2] + bytes(RANDOM.choice([0, 70000])) + jpeg_bytes(16, 16),
        lambda: data[:-2] + bytes([0, 255, RANDOM.randrange(1, 256)]) + noise(30),
        lambda: data[:2] + RANDOM.choice([b"\0\0", b"\xff\xff", b"\xff\0", b"\xff\xd9", b"abc",
                                          b"\xff\xe3\0\4ab"]) + data[2:],
    ]
    return RANDOM.choice(ends)()


def webp():
    image, out = Image.fromarray(smooth(RANDOM.choice([1, 16, 33]), RANDOM.choice([1, 16, 20]),
                                        RANDOM.choice([3, 4]))), io.BytesIO()
    image.save(out, "WEBP", lossless=maybe(0.5), quality=RANDOM.choice([20, 80]))
    return out.getvalue() + RANDOM.choice([b"", b"", noise(9)])


# EXIF

TIFF_NUMBERS = {3: "H", 4: "L", 6: "b", 8: "h", 9: "l", 11: "f", 12: "d", 13: "L", 16: "Q"}


def tiff_value(order, kind):
    number = RANDOM.choice([6, 3, 8, 2, 5, 1, 0, 9, 7, 4])
    if kind in TIFF_NUMBERS:
        return struct.pack(order + TIFF_NUMBERS[kind], number)
    if kind in (5, 10):  # a fraction
        return struct.pack(order + "LL", number * RANDOM.choice([1, 2]), RANDOM.choice([1, 2, 0]))
    return bytes([RANDOM.choice([number, ord("0") + number])])


def exif_block():
    """A TIFF structure with one to three entries, the orientation among them or not."""
    magic = RANDOM.choice([b"MM\0*", b"II*\0"] * 6 + [b"MM*\0", b"II\0*", b"MM\0+", b"II+\0", b"XX\0*"])
    order = "<" if magic[:1] == b"I" else ">"
    count = RANDOM.choice([1, 1, 2, 3])
    entries = values = b""
    for _ in range(count):
        kind = RANDOM.choice([3] * 6 + list(range(19)))
        times = RANDOM.choice([1] * 6 + [0, 2, 3, 5, 70000])
        value = tiff_value(order, kind) * max(min(times, 9), 1)
        if len(value) <= 4:
            value += bytes(4 - len(value))
        else:
            values += value
            begin = 8 + 2 + 12 * count + 4 + len(values) - len(value)
            value = struct.pack(order + "L", RANDOM.choice([begin] * 5 + [5000]))
        tag = RANDOM.choice([0x112, 0x112, 0x110, 0x8769])
        entries += struct.pack(order + "HHL", tag, kind, times) + value
    block = magic + struct.pack(order + "LH", 8, count) + entries + bytes(4) + values
    return block[:RANDOM.randrange(len(block))] if maybe(0.1) else block


def xmp():
    form = RANDOM.choice([b'<x tiff:Orientation="%d"/>', b"<tiff:Orientation>%d</tiff:Orientation>",
                          b"tiff:Orientation=%d"])
    return form % RANDOM.randrange(10)


def jpeg_with_exif():
    def segment(content):
        return b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content

    data, segments = jpeg_bytes(16, 8), b""
    for _ in range(RANDOM.choice([1, 1, 2])):
        exif = b"Exif\0\0" + exif_block()
        segments += segment(RANDOM.choice([exif, exif, b"http://ns.adobe.com/xap/1.0/\0" + xmp()]))
        segments += RANDOM.choice([b""] * 9 + [b"ab", b"\xff\xd9"])
    return data[:20] + segments + data[20:]


def png_with_exif():
    def text():
        block = exif_block()
        digits = RANDOM.choice([block.hex(), block.hex().upper(), block.hex(" ")]).encode()
        profile = b"\nexif\n%8d\n" % len(block) + digits[:40] + b"\n" + digits[40:]
        return RANDOM.choice([(b"tEXt", b"Raw profile type exif\0" + profile),
                              (b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(profile))])

    kinds = [
        lambda: (b"eXIf", exif_block()), text, lambda: (b"tEXt", b"XML:com.adobe.xmp\0" + xmp()),
        lambda: (b"iTXt", b"XML:com.adobe.xmp\0\0\0en\0\0" + xmp()),
        lambda: (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(xmp())),
    ]
    said = [png_chunk(*RANDOM.choice(kinds)()) for _ in range(RANDOM.choice([1, 1, 2]))]
    picture = [png_chunk(b"IDAT", zlib.compress(b"".join(b"\0" + noise(9) for _ in range(2))))]
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 2, 8, 2, 0, 0, 0))
    chunks = RANDOM.choice([said + picture, picture + said])
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + png_chunk(b"IEND", b"")


def webp_with_exif():
    image, out = Image.fromarray(smooth(16, 8)), io.BytesIO()
    said = dict(exif=RANDOM.choice([b"", b"Exif\0\0"]) + exif_block())
    if maybe(0.5):
        said = dict(said, xmp=xmp()) if maybe(0.5) else dict(xmp=xmp())
    image.save(out, "WEBP", lossless=True, **said)
    data = bytearray(out.getvalue())
    if maybe(0.2) and data[12:16] == b"VP8X":
        data[20] ^= RANDOM.choice([4, 8, 12])  # the flags that say what there is
    return bytes(data)


def variants(make, count, damage):
    """`count` files of a maker, of which a share is damaged further."""
    for i in range(count):
        data = make()
        yield f"variant {i}", damaged(data) if maybe(damage) else data


def all_variants():
    for make in [jpeg, png, gif, bmp, webp]:
        yield f"{make.__name__} variants", variants(make, 400, 0.25)
    for make in [jpeg_with_exif, png_with_exif, webp_with_exif]:
        yield make.__name__.replace("_", " "), variants(make, 300, 0)
