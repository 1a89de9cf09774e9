"""Compares every pixel that data/ decodes and resizes with Pillow's, and what is refused.

Usage: pillow_test.py DUMP_PIXELS PYTHON FOLDER_OF_JPEGS. PYTHON is an interpreter to go on with
where this one has no Pillow or NumPy (BLIP_PYTHON, if set, goes first); where none has, exits with
77 (skipped). Pictures are made on the fly; the folder's first 50, if it exists, are compared too.
"""

import io
import itertools
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import warnings
import zlib

try:
    import numpy as np
    import PIL
    from PIL import Image, ImageOps
except ImportError as error:
    others = [os.environ.get("BLIP_PYTHON", ""), sys.argv[2]]
    tried = os.environ.get("BLIP_PYTHONS_TRIED", "").split(":")
    for other in others:
        if other not in tried and os.access(other, os.X_OK):
            os.environ["BLIP_PYTHONS_TRIED"] = ":".join([*tried, other])
            os.execv(other, [other, *sys.argv])
    print(f"skipped: {error}")
    sys.exit(77)

import picture_variants

RANDOM = np.random.RandomState(1)
# What Pillow says of pictures that it refuses and data/ reads: what is wrong are not their pixels.
HARMLESS = [
    "not a TIFF file", "non-hexadecimal number", "unpack requires a buffer", "object has no attribute",
    "bad operand type",  # EXIF blocks
    "Truncated tRNS chunk", "APNG contains frame sequence errors",
    "Unsupported BMP bitfields layout",  # where each colour has a byte nevertheless
]


def picture(width, height, channels=3):
    """Smooth colours with noise and hard edges: all that a codec finds easy and hard."""
    y, x = np.mgrid[0:height, 0:width]
    planes = []
    for c in range(channels):
        plane = 128 + 100 * np.sin((x * (c + 1) + y * 2) / 9.0) + RANDOM.normal(0, 12, x.shape)
        plane[(x // 7 + y // 5) % (c + 4) == 0] = 255 * (c % 2)
        planes.append(plane)
    return np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)


def encode(image, format, **options):
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def jpegs():
    subsamplings = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}
    sizes = [(1, 1), (8, 8), (17, 31), (67, 45), (130, 2), (3, 99)]
    for (name, value), size, progressive in itertools.product(
        subsamplings.items(), sizes, [False, True]
    ):
        for quality in (30, 75, 95):
            yield f"{name} {size} q{quality} progressive={progressive}", encode(
                Image.fromarray(picture(*size)), "JPEG", subsampling=value, quality=quality,
                progressive=progressive,
            )
    rgb = Image.fromarray(picture(75, 51))
    yield "4:1:1", subsampled_4_1_1(rgb)
    yield "RGB without conversion", encode(rgb, "JPEG", keep_rgb=True)
    yield "restart markers", encode(rgb, "JPEG", restart_marker_blocks=2)
    yield "restart rows", encode(rgb, "JPEG", restart_marker_rows=1, progressive=True)
    yield "optimised", encode(rgb, "JPEG", optimize=True)
    for size in sizes:
        gray = Image.fromarray(picture(*size)[:, :, 0])
        yield f"gray {size}", encode(gray, "JPEG")
        yield f"gray progressive {size}", encode(gray, "JPEG", progressive=True)
    cmyk = encode(Image.fromarray(picture(75, 51, 4), "CMYK"), "JPEG")
    yield "CMYK", cmyk
    yield "YCCK", with_adobe_transform(cmyk, 2)
    yield "CMYK progressive", encode(
        Image.fromarray(picture(31, 17, 4), "CMYK"), "JPEG", progressive=True
    )
    for orientation in range(0, 10):
        yield f"EXIF {orientation}", encode(rgb, "JPEG", exif=exif(orientation))
    xmp = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    yield "XMP orientation", encode(rgb, "JPEG", xmp=xmp)
    yield "EXIF before XMP", encode(rgb, "JPEG", xmp=xmp, exif=exif(3))
    for byte in range(700, 1500, 97):  # damaged, but not truncated
        damaged = bytearray(encode(rgb, "JPEG"))
        damaged[byte] ^= 0x55
        yield f"damaged at {byte}", bytes(damaged)


def subsampled_4_1_1(image):
    """A 4:2:2 file whose header says that luma is sampled four times a chroma sample: the scan is
    then read another way, which is as good a test as any."""
    data = bytearray(encode(image.resize((64, 48)), "JPEG", subsampling=0))
    at = data.index(b"\xff\xc0") + 11
    data[at] = 0x41
    return bytes(data)


def with_adobe_transform(data, transform):
    data = bytearray(data)
    at = data.index(b"Adobe\0") + 11
    data[at] = transform
    return bytes(data)


def webps():
    rgb = Image.fromarray(picture(75, 51))
    rgba = Image.fromarray(picture(75, 51, 4), "RGBA")
    for image, name in [(rgb, "RGB"), (rgba, "RGBA")]:
        yield f"{name} lossy", encode(image, "WEBP", quality=60)
        yield f"{name} lossless", encode(image, "WEBP", lossless=True)
        yield f"{name} exact", encode(image, "WEBP", lossless=True, exact=True)
    for orientation in range(1, 9):
        yield f"EXIF {orientation}", encode(rgb, "WEBP", exif=exif(orientation))
    frames = [Image.fromarray(picture(40, 30)) for _ in range(3)]
    yield "animated", encode(frames[0], "WEBP", save_all=True, append_images=frames[1:])


def chunk(kind, content):
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def png(width, height, depth, color, extra=b""):
    """A PNG of random samples, of the kinds that Pillow does not write."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    stride = (width * channels * depth + 7) // 8
    rows = b"".join(b"\0" + RANDOM.bytes(stride) for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def interlaced(width, height):
    rows = b""
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4),
                           (1, 0, 2, 2), (0, 1, 1, 2)]:
        columns, count = len(range(x0, width, dx)), len(range(y0, height, dy))
        if columns:
            rows += b"".join(b"\0" + RANDOM.bytes(3 * columns) for _ in range(count))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b""))


def pngs():
    for color, depths in {0: [1, 2, 4, 8, 16], 2: [8, 16], 4: [8, 16], 6: [8, 16]}.items():
        for depth, size in itertools.product(depths, [(1, 1), (13, 7), (40, 33)]):
            yield f"color {color} depth {depth} {size}", png(*size, depth, color)
    for depth in [1, 2, 4, 8]:
        full, short = RANDOM.bytes(3 << depth), RANDOM.bytes(3)
        yield f"palette {depth}", png(13, 7, depth, 3, chunk(b"PLTE", full))
        yield f"short palette {depth}", png(13, 7, depth, 3, chunk(b"PLTE", short))
        clear = chunk(b"PLTE", full) + chunk(b"tRNS", b"\0\x80")
        yield f"clear palette {depth}", png(13, 7, depth, 3, clear)
    yield "clear gray", png(13, 7, 8, 0, chunk(b"tRNS", b"\0\x40"))
    yield "clear 16-bit gray", png(13, 7, 16, 0, chunk(b"tRNS", b"\0\x40"))
    yield "clear colour", png(13, 7, 8, 2, chunk(b"tRNS", b"\0\x40\0\1\0\2"))
    yield "gamma", png(13, 7, 8, 2, chunk(b"gAMA", struct.pack(">I", 100000)))
    for size in [(1, 1), (3, 5), (30, 29)]:
        yield f"interlaced {size}", interlaced(*size)
    rgb = Image.fromarray(picture(75, 51))
    yield "filtered", encode(rgb, "PNG")
    for orientation in range(1, 9):
        yield f"EXIF {orientation}", encode(rgb, "PNG", exif=exif(orientation))
    xmp = b"XML:com.adobe.xmp\0\0\0\0\0<tiff:Orientation>8</tiff:Orientation>"
    yield "XMP orientation", png(13, 7, 8, 2, chunk(b"iTXt", xmp))
    packed = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(xmp[22:])
    yield "compressed XMP orientation", png(13, 7, 8, 2, chunk(b"iTXt", packed))
    profile = b"\nexif\n%8d\n" % len(exif(6)) + exif(6).hex().encode() + b"\n"
    for kind, text in [(b"tEXt", profile), (b"zTXt", b"\0" + zlib.compress(profile))]:
        content = b"Raw profile type exif\0" + text
        yield f"EXIF in {kind}", png(13, 7, 8, 2, chunk(kind, content))


def gifs():
    rgb = Image.fromarray(picture(75, 51))
    few = rgb.quantize(7)
    yield "256 colours", encode(rgb.quantize(256), "GIF")
    yield "few colours", encode(few, "GIF")
    yield "not interlaced", encode(few, "GIF", interlace=0)
    yield "transparent", encode(few, "GIF", transparency=2)
    yield "gray", encode(rgb.convert("L"), "GIF")
    yield "black and white", encode(rgb.convert("1"), "GIF")
    yield "animated", encode(few, "GIF", save_all=True,
                             append_images=[few.rotate(90), few.rotate(180)])
    whole = bytearray(encode(few, "GIF", interlace=0))
    colors = 13 + 3 * 8
    short = bytes(whole[:10]) + b"\xf1" + bytes(whole[11:25]) + bytes(whole[colors:])
    yield "short palette", short
    yield "no palette", bytes(whole[:10]) + b"\x71" + bytes(whole[11:13]) + bytes(whole[colors:])
    screen = bytes(whole[:6]) + struct.pack("<HH", 90, 70) + bytes(whole[10:])
    yield "smaller than its screen", screen
    yield "larger than its screen", bytes(whole[:6]) + struct.pack("<HH", 9, 7) + bytes(whole[10:])
    clear = bytearray(encode(few, "GIF", transparency=3))
    yield "transparent, smaller", bytes(clear[:6]) + struct.pack("<HH", 90, 70) + bytes(clear[10:])


def bmps():
    rgb = Image.fromarray(picture(75, 51))
    for mode in ["RGB", "L", "1", "P"]:
        yield mode, encode(rgb.convert(mode), "BMP")
    yield "RGBA", encode(Image.fromarray(picture(75, 51, 4), "RGBA"), "BMP")
    yield "few colours", encode(rgb.quantize(5), "BMP")
    data = bytearray(encode(rgb, "BMP"))
    data[22:26] = struct.pack("<i", -51)
    yield "downwards", bytes(data)


def pillow(data):
    return np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))


def dump(program, paths, *size):
    """What the program under test makes of each file: an array, or its error."""
    names = "".join(f"{path}\n" for path in paths).encode()
    out = subprocess.run([program, *map(str, size)], input=names, stdout=subprocess.PIPE,
                         check=True).stdout
    stream = io.BytesIO(out)
    for _ in paths:
        line = stream.readline()
        if line != b"P6\n":
            yield line.decode().strip()
            continue
        width, height = map(int, stream.readline().split())
        stream.readline()
        pixels = np.frombuffer(stream.read(3 * width * height), np.uint8)
        yield pixels.reshape(height, width, 3)


def compare(what, name, got, expected):
    """Complains and returns 1 if they differ."""
    if isinstance(got, str) or isinstance(expected, str):
        same = isinstance(expected, str) and (
            isinstance(got, str) or any(reason in expected for reason in HARMLESS))
        reason = f"{got if isinstance(got, str) else 'read'}, Pillow: "
        reason += expected if isinstance(expected, str) else "read"
    elif got.shape != expected.shape:
        same, reason = False, f"shape {got.shape}, Pillow: {expected.shape}"
    else:
        difference = np.abs(got.astype(int) - expected)
        same = not difference.any()
        reason = f"{np.count_nonzero(difference)} bytes differ, by at most {difference.max()}"
    if not same:
        print(f"{what} {name}: {reason}")
    return not same


def compare_decoding(program, what, pictures, folder):
    pictures = list(pictures)
    paths, expected = [], []
    for i, (_, data) in enumerate(pictures):
        paths.append(folder / f"{what}{i}")
        paths[-1].write_bytes(data)
        try:
            expected.append(pillow(data))
        except Exception as error:
            expected.append(f"{type(error).__name__}: {error}")
    wrong = read = 0
    for (name, _), got, want in zip(pictures, dump(program, paths), expected):
        wrong += compare(what, name, got, want)
        read += not isinstance(want, str)
    print(f"{what}: {len(pictures) - wrong} of {len(pictures)} agree, {read} of them pictures to Pillow")
    return wrong


def compare_resizing(program, folder):
    if int(PIL.__version__.split(".")[0]) < 13:
        print(f"resizing: not compared, Pillow {PIL.__version__} orders the passes otherwise")
        return 0
    wrong = count = 0
    sizes = [1, 2, 3, 7, 16, 50, 128, 131, 300]
    for _ in range(40):
        target = [int(RANDOM.choice(sizes)) for _ in range(2)]
        sources = [picture(int(RANDOM.choice(sizes)), int(RANDOM.choice(sizes))) for _ in range(8)]
        paths = [folder / f"resize{i}.bmp" for i in range(len(sources))]
        for path, source in zip(paths, sources):
            Image.fromarray(source).save(path)
        for source, got in zip(sources, dump(program, paths, *target)):
            expected = np.asarray(Image.fromarray(source).resize(target, Image.BICUBIC))
            wrong += compare("resizing", f"{source.shape} to {target}", got, expected)
            count += 1
    print(f"resizing: {count - wrong} of {count} agree")
    return wrong


def main(program, _, photos):
    warnings.simplefilter("ignore")  # of EXIF blocks and of palettes with transparency
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        kinds = {"JPEG": jpegs, "WebP": webps, "PNG": pngs, "GIF": gifs, "BMP": bmps}
        for what, pictures in kinds.items():
            wrong += compare_decoding(program, what, pictures(), folder)
        if int(PIL.__version__.split(".")[0]) >= 13:
            for what, pictures in picture_variants.all_variants():
                wrong += compare_decoding(program, what, pictures, folder)
        if pathlib.Path(photos).is_dir():
            paths = sorted(pathlib.Path(photos).glob("*.jpg"))[:50]
            pictures = [(path.name, path.read_bytes()) for path in paths]
            wrong += compare_decoding(program, "photos", pictures, folder)
        wrong += compare_resizing(program, folder)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
