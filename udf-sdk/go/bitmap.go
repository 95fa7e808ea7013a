package anabranch

import "math/bits"

// A bitmap has one bit per row, the lowest first; nil has all bits set.
type bitmap []byte

func (b bitmap) get(row int) bool {
	return b == nil || b[row/8]&(1<<(row%8)) != 0
}

func (b bitmap) clear(row int) {
	b[row/8] &^= 1 << (row % 8)
}

func (b bitmap) set(row int) {
	b[row/8] |= 1 << (row % 8)
}

func bitmapSize(rows int) int {
	return (rows + 7) / 8
}

// newBitmap has all bits set.
func newBitmap(rows int) bitmap {
	b := make(bitmap, bitmapSize(rows))
	for i := range b {
		b[i] = 0xff
	}
	return b
}

// without is the bitmap, or a new one of so many rows, with the bits of other cleared where they are clear.
func (b bitmap) without(other bitmap, rows int) bitmap {
	if other == nil {
		return b
	}
	result := make(bitmap, bitmapSize(rows))
	for i := range result {
		result[i] = other[i]
		if b != nil {
			result[i] &= b[i]
		}
	}
	return result
}

// zeros is the number of rows whose bit is clear.
func (b bitmap) zeros(rows int) int {
	if b == nil {
		return 0
	}
	ones := 0
	for _, full := range b[:rows/8] {
		ones += bits.OnesCount8(full)
	}
	if rest := rows % 8; rest > 0 {
		ones += bits.OnesCount8(b[rows/8] & (1<<rest - 1))
	}
	return rows - ones
}
