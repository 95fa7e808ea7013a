// Package anabranch is for writing scalar, table and aggregate functions for Anabranch in Go: ordinary functions, built as a
// WebAssembly component by `anabranch function build`, tested by `go test` without WebAssembly.
//
//	func greet(name string) string { return "Hello, " + name + "!" }
//
//	var greetings = anabranch.Package("greetings", "0.1.0",
//		anabranch.Scalar1("greet", greet, "name").Doc("Says hello to someone."),
//	)
//
//	func main() {}
//
// # NULL and errors
//
// A parameter takes no NULL: where the argument is NULL, the function is not called, and the result is NULL, no row of a
// table function, nothing that an aggregate sees. A parameter of type [Null] gets it, and a result of that type may be it.
//
// The error of a function made by [TryScalar1] or [TryTable1] and their like is that of its row, and of no other; the
// function's `on-error` policy says what becomes of it. So is a result that its SQL type has not, such as a TimeOfDay beyond
// the day. A panic is an error of its row, too, but in functions over whole columns, where it ends the call.
//
// # Types
//
//	BOOLEAN                          bool
//	TINYINT, SMALLINT, INT, BIGINT   int8, int16, int32, int64
//	FLOAT, DOUBLE                    float32, float64
//	DECIMAL(p, s)                    a struct of an Int128 with a method DecimalType
//	STRING                           string
//	BYTES                            []byte
//	DATE, TIME                       Date, TimeOfDay
//	TIMESTAMP(p)                     Timestamp[Seconds], Timestamp[Millis], Timestamp[Micros], Timestamp[Nanos]
//	TIMESTAMP_LTZ(p)                 TimestampLTZ of the same units
//	INTERVAL YEAR TO MONTH           IntervalYearMonth
//	INTERVAL DAY TO SECOND           IntervalDaySecond
//	ARRAY<t>                         []T
//	MAP<k, v>                        map[K]V
//	ROW<…>                           a struct; its fields are named by the tag `sql:"name"`, or as they are: UserID is user_id
//
// Null[T] stands for a value that may be NULL, at any depth. Types with these as underlying types stand for the same.
//
// # Functions
//
// A function of one name in SQL may be listed several times: these are overloads, told apart by their types. Functions over
// whole columns, made by [ScalarColumns1] and its like, take slices and fill one. A table function gives an [iter.Seq]: of
// values, or of structs, whose fields are its columns; it is asked for as many rows as the engine can take, and goes on from
// there. An aggregate function keeps a struct per group, whose zero value is the empty group and whose fields are its state;
// with Retract, which takes a row out again, it can stand where rows are updated, with Merge, which adds another group, where
// partial results are combined.
//
// [Constant], [TimeZone] and [Option] tell what is known beforehand, [PerPlace] keeps what is costly to make of it. [Log] writes
// to the log of whoever runs the function.
//
// What an argument holds, texts and slices of bytes included, lies in the memory of the call, which the garbage collector
// keeps as long as it is used. It must not be changed. The slices that functions over whole columns get are theirs only until
// they return: the next call has its numbers in the same memory.
//
// Goroutines run only while the function does that started them: it has to wait for them.
//
// # The world outside
//
// [Request.Send] and [Get] ask web servers that the function is granted in its DDL, by 'grant.http'; net/http does not work in
// a component. Such a function is Nondeterministic. The time limit of its call counts while it waits.
//
// Otherwise a component imports nothing: there are no files and no variables, clocks stand still, and randomness is always the
// same. With the line //anabranch:wasi in go.mod, these are what the function is granted of them. The garbage collector is then
// off until the first call: what is costly is better made by [PerPlace] than while the program is initialised, and so are
// settings of the collector.
package anabranch
