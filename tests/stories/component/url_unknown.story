# A URL that components are not read from.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'ftp://example.com/words.wasm';

== error
components are not read from ftp:// URLs (line 1, column 53); name a file, an installed package such as 'behaviour@1.2', or a URL of https://, s3:// or file://; object stores of other kinds give out https:// URLs
