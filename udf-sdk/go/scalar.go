package anabranch

import "reflect"

// scalar makes a scalar function; `prepare` reads the arguments of a call, and returns what computes the rows of a range.
func scalar[R any](name string, names []string, prepare func(c *call, results []R) func(first, end int), types ...reflect.Type) *Function {
	f := newFunction(KindScalar, name, names, types...)
	result := codecFor[R]()
	f.result = result.describe("", result.nullable() || f.strict(), nil)
	plain := plain(result)
	f.bind = func() instance {
		return scalarInstance(func(c *call) ColumnData {
			results := results[R](c.rows, plain)
			c.each(prepare(c, results))
			return write(c, results)
		})
	}
	return f
}

// A call of a function costs more in WebAssembly than what many functions do. So each of the loops below stands where it
// calls nothing but the function itself.

// Scalar0 is a scalar function without parameters.
func Scalar0[R any](name string, f func() R) *Function {
	return scalar(name, nil, func(c *call, results []R) func(int, int) {
		return func(first, end int) {
			for c.row = first; c.row < end; c.row++ {
				results[c.row] = f()
			}
		}
	})
}

// Scalar1 is a scalar function of one parameter, a value per row:
//
//	anabranch.Scalar1("greet", func(name string) string { return "Hello, " + name + "!" }, "name")
func Scalar1[A, R any](name string, f func(A) R, parameters ...string) *Function {
	return scalar(name, parameters, func(c *call, results []R) func(int, int) {
		as := read[A](c, 0)
		return func(first, end int) {
			for row := first; row < end; row++ {
				c.row = row
				results[row] = f(as[row])
			}
		}
	}, reflect.TypeFor[A]())
}

// Scalar2 is a scalar function of two parameters.
func Scalar2[A, B, R any](name string, f func(A, B) R, parameters ...string) *Function {
	return scalar(name, parameters, func(c *call, results []R) func(int, int) {
		as, bs := read[A](c, 0), read[B](c, 1)
		return func(first, end int) {
			for row := first; row < end; row++ {
				c.row = row
				results[row] = f(as[row], bs[row])
			}
		}
	}, reflect.TypeFor[A](), reflect.TypeFor[B]())
}

// Scalar3 is a scalar function of three parameters.
func Scalar3[A, B, C, R any](name string, f func(A, B, C) R, parameters ...string) *Function {
	return scalar(name, parameters, func(c *call, results []R) func(int, int) {
		as, bs, cs := read[A](c, 0), read[B](c, 1), read[C](c, 2)
		return func(first, end int) {
			for row := first; row < end; row++ {
				c.row = row
				results[row] = f(as[row], bs[row], cs[row])
			}
		}
	}, reflect.TypeFor[A](), reflect.TypeFor[B](), reflect.TypeFor[C]())
}

// Scalar4 is a scalar function of four parameters.
func Scalar4[A, B, C, D, R any](name string, f func(A, B, C, D) R, parameters ...string) *Function {
	return scalar(name, parameters, func(c *call, results []R) func(int, int) {
		as, bs, cs, ds := read[A](c, 0), read[B](c, 1), read[C](c, 2), read[D](c, 3)
		return func(first, end int) {
			for row := first; row < end; row++ {
				c.row = row
				results[row] = f(as[row], bs[row], cs[row], ds[row])
			}
		}
	}, reflect.TypeFor[A](), reflect.TypeFor[B](), reflect.TypeFor[C](), reflect.TypeFor[D]())
}

// TryScalar1 is as Scalar1, of a function whose error is that of its row, and of no other.
func TryScalar1[A, R any](name string, f func(A) (R, error), parameters ...string) *Function {
	return scalar(name, parameters, func(c *call, results []R) func(int, int) {
		as := read[A](c, 0)
		return func(first, end int) {
			for row := first; row < end; row++ {
				c.row = row
				result, err := f(as[row])
				if err != nil {
					c.fail(row, err.Error())
					continue
				}
				results[row] = result
			}
		}
	}, reflect.TypeFor[A]())
}

// TryScalar2 is as Scalar2, of a function whose error is that of its row.
func TryScalar2[A, B, R any](name string, f func(A, B) (R, error), parameters ...string) *Function {
	return scalar(name, parameters, func(c *call, results []R) func(int, int) {
		as, bs := read[A](c, 0), read[B](c, 1)
		return func(first, end int) {
			for row := first; row < end; row++ {
				c.row = row
				result, err := f(as[row], bs[row])
				if err != nil {
					c.fail(row, err.Error())
					continue
				}
				results[row] = result
			}
		}
	}, reflect.TypeFor[A](), reflect.TypeFor[B]())
}

// TryScalar3 is as Scalar3, of a function whose error is that of its row.
func TryScalar3[A, B, C, R any](name string, f func(A, B, C) (R, error), parameters ...string) *Function {
	return scalar(name, parameters, func(c *call, results []R) func(int, int) {
		as, bs, cs := read[A](c, 0), read[B](c, 1), read[C](c, 2)
		return func(first, end int) {
			for row := first; row < end; row++ {
				c.row = row
				result, err := f(as[row], bs[row], cs[row])
				if err != nil {
					c.fail(row, err.Error())
					continue
				}
				results[row] = result
			}
		}
	}, reflect.TypeFor[A](), reflect.TypeFor[B](), reflect.TypeFor[C]())
}

// TryScalar4 is as Scalar4, of a function whose error is that of its row.
func TryScalar4[A, B, C, D, R any](name string, f func(A, B, C, D) (R, error), parameters ...string) *Function {
	return scalar(name, parameters, func(c *call, results []R) func(int, int) {
		as, bs, cs, ds := read[A](c, 0), read[B](c, 1), read[C](c, 2), read[D](c, 3)
		return func(first, end int) {
			for row := first; row < end; row++ {
				c.row = row
				result, err := f(as[row], bs[row], cs[row], ds[row])
				if err != nil {
					c.fail(row, err.Error())
					continue
				}
				results[row] = result
			}
		}
	}, reflect.TypeFor[A](), reflect.TypeFor[B](), reflect.TypeFor[C](), reflect.TypeFor[D]())
}

// Result is the column that a function over whole columns fills.
type Result[R any] struct {
	// Values has a value for each row.
	Values []R
	call   *call
	nulls  bitmap
}

// Null makes a row NULL. Rows where an argument is NULL, and its type is not Null, are so whatever is computed.
func (r *Result[R]) Null(row int) {
	if r.nulls == nil {
		r.nulls = newBitmap(len(r.Values))
	}
	r.nulls.clear(row)
}

// Fail makes a row fail.
func (r *Result[R]) Fail(row int, err error) {
	if r.call.selected.get(row) {
		r.call.fail(row, err.Error())
	}
}

// columns makes a scalar function over whole columns.
func columns[R any](name string, names []string, compute func(c *call, result *Result[R]), types ...reflect.Type) *Function {
	f := newFunction(KindScalar, name, names, types...)
	codec := codecFor[R]()
	f.result = codec.describe("", true, nil)
	plain := plain(codec)
	f.bind = func() instance {
		return scalarInstance(func(c *call) ColumnData {
			result := &Result[R]{Values: results[R](c.rows, plain), call: c}
			compute(c, result)
			c.selected = c.selected.without(result.nulls, c.rows)
			return write(c, result.Values)
		})
	}
	return f
}

// ScalarColumns1 is a scalar function over a whole column: as many values as rows, arbitrary where they are NULL. A panic
// ends the call.
func ScalarColumns1[A, R any](name string, f func(a []A, result *Result[R]), parameters ...string) *Function {
	return columns(name, parameters, func(c *call, result *Result[R]) {
		f(read[A](c, 0), result)
	}, reflect.TypeFor[A]())
}

// ScalarColumns2 is a scalar function over two whole columns.
func ScalarColumns2[A, B, R any](name string, f func(a []A, b []B, result *Result[R]), parameters ...string) *Function {
	return columns(name, parameters, func(c *call, result *Result[R]) {
		f(read[A](c, 0), read[B](c, 1), result)
	}, reflect.TypeFor[A](), reflect.TypeFor[B]())
}

// ScalarColumns3 is a scalar function over three whole columns.
func ScalarColumns3[A, B, C, R any](name string, f func(a []A, b []B, c []C, result *Result[R]), parameters ...string) *Function {
	return columns(name, parameters, func(c *call, result *Result[R]) {
		f(read[A](c, 0), read[B](c, 1), read[C](c, 2), result)
	}, reflect.TypeFor[A](), reflect.TypeFor[B](), reflect.TypeFor[C]())
}
