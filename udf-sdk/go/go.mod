module github.com/anabranch/anabranch/udf-sdk/go

go 1.24
