# Regular expressions of SQL, for all of a text. As in Flink, a point is any character.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (a STRING, b STRING) WITH ('connector' = 'script');
CREATE TABLE s (a STRING, b STRING, m BOOLEAN, n BOOLEAN) WITH ('connector' = 'script');
INSERT INTO s SELECT a, b, a SIMILAR TO b, a NOT SIMILAR TO b FROM t;

== input t
+I "abc" "a(b|c)*"
+I "abc" "ab"
+I "abc" "%b%"
+I "abc" "_b_"
+I "abc" "[a-c]+"
+I "abc" "[^a-c]+"
+I "Ab1" "[[:ALPHA:]]+[[:DIGIT:]]"
+I "Ab1" "[[:alpha:][:digit:]]{3}"
+I "a b" "a[[:SPACE:]]b"
+I "a\tb" "a[[:SPACE:]]b"
+I "a\tb" "a[[:WHITESPACE:]]b"
+I "aZ0" "[[:ALNUM:]]*"
+I "Z" "[[:UPPER:]]"
+I "z" "[[:LOWER:]]"
+I "abc" "a.c"
+I "a$" "a$"
+I "a\\b" "a\\b"
+I "ab" "a|ab"
+I "abab" "(ab){2}"
+I "abab" "(ab){3,}"
+I "" ""
+I "a\nb" "a_b"
+I "a\nb" "a%"
+I "a-b" "a[-]b"
+I "a^b" "a^b"
+I null "a"
+I "a" null
+I "a&&b" "[a&&b]+"
+I "ab\n" "ab"

== changelog s
+I abc a(b|c)* true false
+I abc ab false true
+I abc %b% true false
+I abc _b_ true false
+I abc [a-c]+ true false
+I abc [^a-c]+ false true
+I Ab1 [[:ALPHA:]]+[[:DIGIT:]] true false
+I Ab1 [[:alpha:][:digit:]]{3} true false
+I "a b" a[[:SPACE:]]b true false
+I a\tb a[[:SPACE:]]b false true
+I a\tb a[[:WHITESPACE:]]b false true
+I aZ0 [[:ALNUM:]]* true false
+I Z [[:UPPER:]] true false
+I z [[:LOWER:]] true false
+I abc a.c true false
+I a$ a$ true false
+I a\\b a\\b true false
+I ab a|ab true false
+I abab (ab){2} true false
+I abab (ab){3,} false true
+I "" "" true false
+I a\nb a_b false true
+I a\nb a% true false
+I a-b a[-]b true false
+I a^b a^b false true
+I null a null null
+I a null null null
+I a&&b [a&&b]+ false true
+I ab\n ab false true
