# Not Flink's: the source of functions stands in the SQL.
# A module that inline functions do not have is missed at once, at its place.

== sql
CREATE FUNCTION root(x DOUBLE) RETURNS DOUBLE LANGUAGE PYTHON AS $$
    import math
    import numpy as np
    return np.sqrt(x)
$$;

== error
cannot define function 'root': there is no module `numpy` here: an inline function has array, base64, binascii, bisect, calendar, cmath, collections, colorsys, contextlib, copy, csv, dataclasses, datetime, decimal, difflib, enum, fnmatch, fractions, functools, hashlib, heapq, hmac, html, html.parser, io, ipaddress, itertools, json, logging, math, numbers, operator, pickle, random, re, secrets, shlex, statistics, string, struct, textwrap, time, types, typing, unicodedata, urllib.parse, uuid, xml.etree.ElementTree, zlib; for other modules make a package (`anabranch function new --lang python`) (line 3, column 5)
