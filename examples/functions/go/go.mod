module example.com/greetings

go 1.24

require github.com/anabranch/anabranch/udf-sdk/go v0.1.0

replace github.com/anabranch/anabranch/udf-sdk/go => ./../../../udf-sdk/go
