package anabranch

// How columns cross: one list of numbers that says where everything is, and the bytes.

// unpack finds the columns of these fields in what the host passes: for each node its rows, how many are NULL, and the bytes
// of each of its buffers, which lie in data, each at the next multiple of 16. The buffers stay where they are.
func unpack(fields []Field, layout []uint32, data []byte) ([]ColumnData, error) {
	columns := make([]ColumnData, len(fields))
	end := 0
	for i, field := range fields {
		columns[i] = make(ColumnData, len(field))
		for j := range field {
			count := buffersOf(field[j].Format)
			if len(layout) < 2+count {
				return nil, errHost
			}
			buffers := make([][]byte, count)
			for k, size := range layout[2 : 2+count] {
				if size == 0 {
					continue
				}
				start := (end + 15) &^ 15
				end = start + int(size)
				if end > len(data) {
					return nil, errHost
				}
				buffers[k] = data[start:end:end]
			}
			columns[i][j] = ColumnNode{Length: layout[0], NullCount: layout[1], Buffers: buffers}
			layout = layout[2+count:]
		}
	}
	if len(layout) > 0 {
		return nil, errHost
	}
	return columns, nil
}

// buffersOf is how many buffers a node has, the validity among them.
func buffersOf(format string) int {
	switch format {
	case "u", "z":
		return 3
	case "+s":
		return 1
	}
	return 2
}
