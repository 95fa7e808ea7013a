// What lies outside of a function, as the standard library has it.
package main

import (
	"errors"
	"os"
	"strings"
	"time"

	anabranch "github.com/anabranch/anabranch/udf-sdk/go"
)

func variable(name string) (value anabranch.Null[string]) {
	if found, there := os.LookupEnv(name); there {
		value = anabranch.Some(found)
	}
	return value
}

func firstLine(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", errors.New("it cannot be read")
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return line, nil
}

func seconds(string) int64 {
	return time.Now().Unix()
}

var functions = anabranch.Package("outside", "0.1.0",
	anabranch.Scalar1("variable", variable, "name").Nondeterministic().
		Doc("A variable of the environment."),
	anabranch.TryScalar1("first_line", firstLine, "path").Nondeterministic().
		Doc("The first line of a file."),
	anabranch.Scalar1("seconds", seconds, "of").Nondeterministic().
		Doc("Seconds since the beginning of 1970."),
)

func main() {}
