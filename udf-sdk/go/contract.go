package anabranch

// The records of wit/functions.wit.

// FieldNode is one node of a type; a node is followed by its children.
type FieldNode struct {
	Name     string
	Format   string // of the Arrow C Data Interface
	Nullable bool
	Children uint32
}

// Field is a named type: its nodes in pre-order.
type Field []FieldNode

// ColumnNode is one node of a column: the Arrow buffers of the field node at the same place.
type ColumnNode struct {
	Length    uint32
	NullCount uint32
	Buffers   [][]byte
}

// ColumnData is the values of one field: its nodes in pre-order.
type ColumnData []ColumnNode

// RowError says that one row of a call failed.
type RowError struct {
	Row     uint32
	Message string
}

// Binding says where a function stands in a plan.
type Binding struct {
	Function  uint32
	Arguments []Field
	Constants []ColumnData // nil where an argument is no literal
	TimeZone  string
	Options   [][2]string
}

// Kind is what a function gives.
type Kind uint8

// A value per row, rows per row, a value per group.
const (
	KindScalar Kind = iota
	KindTable
	KindAggregate
)

// sameType tells whether two fields have the same type, whatever the names and which rows may be NULL.
func sameType(left, right Field) bool {
	if len(left) != len(right) {
		return false
	}
	for i := range left {
		if left[i].Format != right[i].Format || left[i].Children != right[i].Children {
			return false
		}
	}
	return true
}
