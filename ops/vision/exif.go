package vision

import (
	"bytes"
	"encoding/binary"
)

// orientation is that of a file's EXIF data, 1 to 8; 1 where there is none. OpenCV asks
// JPEG and PNG alone.
func orientation(data []byte, format string) int {
	switch format {
	case "jpeg":
		return exifOrientation(exifOfJPEG(data))
	case "png":
		return exifOrientation(exifOfPNG(data))
	}
	return 1
}

// exifOfJPEG is the EXIF data among a JPEG's segments; nil where there is none.
func exifOfJPEG(data []byte) []byte {
	for at := 2; at+4 <= len(data) && data[at] == 0xff; {
		marker, size := data[at+1], int(binary.BigEndian.Uint16(data[at+2:]))
		if marker == 0xda || size < 2 || at+2+size > len(data) {
			return nil
		}
		if tiff, is := bytes.CutPrefix(data[at+4:at+2+size], []byte("Exif\x00\x00")); is && marker == 0xe1 {
			return tiff
		}
		at += 2 + size
	}
	return nil
}

// exifOfPNG is the EXIF data among a PNG's chunks; nil where there is none.
func exifOfPNG(data []byte) []byte {
	const signature, header, checksum = 8, 8, 4
	for at := signature; at+header <= len(data); {
		size := int64(binary.BigEndian.Uint32(data[at:]))
		if size > int64(len(data)-at-header) {
			return nil
		}
		if string(data[at+4:at+header]) == "eXIf" {
			return data[at+header:][:size]
		}
		at += header + int(size) + checksum
	}
	return nil
}

// exifOrientation is that which the data says, which begins like a TIFF file.
func exifOrientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if tiff[0] == 'M' {
		order = binary.BigEndian
	}
	first := int64(order.Uint32(tiff[4:]))
	if first+2 > int64(len(tiff)) {
		return 1
	}
	const entry, tag = 12, 0x0112
	entries := tiff[first+2:]
	for range order.Uint16(tiff[first:]) {
		if len(entries) < entry {
			return 1
		}
		if order.Uint16(entries) == tag {
			if o := int(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			return 1
		}
		entries = entries[entry:]
	}
	return 1
}

// turn undoes an orientation.
func turn(in []uint8, width, height, orientation int) (out []uint8, toWidth, toHeight int) {
	if orientation == 1 {
		return in, width, height
	}
	toWidth, toHeight = width, height
	if orientation >= 5 {
		toWidth, toHeight = height, width
	}
	out = make([]uint8, len(in))
	for y := range toHeight {
		for x := range toWidth {
			fromX, fromY := x, y
			switch orientation {
			case 2:
				fromX = width - 1 - x
			case 3:
				fromX, fromY = width-1-x, height-1-y
			case 4:
				fromY = height - 1 - y
			case 5:
				fromX, fromY = y, x
			case 6:
				fromX, fromY = y, height-1-x
			case 7:
				fromX, fromY = width-1-y, height-1-x
			case 8:
				fromX, fromY = width-1-y, x
			}
			copy(out[3*(y*toWidth+x):3*(y*toWidth+x)+3], in[3*(fromY*width+fromX):])
		}
	}
	return out, toWidth, toHeight
}
