# Not Flink's: the functions are components.
# A component that is not there.

== sql
CREATE FUNCTION f LANGUAGE WASM USING COMPONENT 'nowhere/f.wasm';

== error
cannot load 'nowhere/f.wasm': No such file or directory (os error 2) (line 1, column 49)
