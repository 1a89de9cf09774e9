// Which way up a camera held: the EXIF orientation of a picture file as Pillow 13 finds it, and
// turning it upright as its ImageOps.exif_transpose does. Values are 1 (upright) to 8 (EXIF 2.32,
// table 6), 1 also for an orientation that is none of these and for an EXIF block that cannot be
// read, with which Pillow refuses some pictures; and 0 where the file says nothing.
#pragma once

#include "data/codec.h"

namespace data {

/// From the APP1 segments before the first scan: EXIF first, then XMP's tiff:Orientation.
int jpeg_orientation(Bytes file);
/// From the chunk eXIf, else ImageMagick's text "Raw profile type exif", else XMP in a text.
int png_orientation(Bytes file);
/// From the chunks "EXIF" or "XMP ".
int webp_orientation(Bytes file);

/// The picture as it should be looked at; for other numbers than 2 to 8 as it is.
Image upright(Image image, int orientation);

}  // namespace data
