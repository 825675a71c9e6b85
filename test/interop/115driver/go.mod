module panport.invalid/interop/115driver

go 1.23

require github.com/SheltonZhu/115driver v1.1.1

require (
	github.com/aead/ecdh v0.2.0 // indirect
	github.com/aliyun/aliyun-oss-go-sdk v3.0.2+incompatible // indirect
	github.com/andreburgaud/crypt2go v1.1.0 // indirect
	github.com/go-resty/resty/v2 v2.14.0 // indirect
	github.com/kr/text v0.2.0 // indirect
	github.com/pierrec/lz4/v4 v4.1.17 // indirect
	github.com/pkg/errors v0.9.1 // indirect
	github.com/skip2/go-qrcode v0.0.0-20200617195104-da1b6568686e // indirect
	golang.org/x/crypto v0.25.0 // indirect
	golang.org/x/net v0.27.0 // indirect
	golang.org/x/time v0.8.0 // indirect
)
