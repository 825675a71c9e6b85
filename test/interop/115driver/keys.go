package main

import (
	"encoding/hex"
	"fmt"
	"math/big"
	_ "unsafe" // go:linkname

	// Named here so that the linked variables are initialised before main runs.
	_ "github.com/SheltonZhu/115driver/pkg/crypto/ec115"
	_ "github.com/SheltonZhu/115driver/pkg/crypto/m115"
)

// The module keeps 115's keys in unexported variables. They are no strings, so -ldflags -X cannot set them; the linker
// joins these declarations with the module's own, and each pair names one variable.
//
//go:linkname modulus github.com/SheltonZhu/115driver/pkg/crypto/m115._N
var modulus *big.Int

// useModulus makes the module speak m115 with the sandbox's key instead of 115's.
func useModulus(hex string) error {
	if modulus == nil || modulus.BitLen() != 1024 {
		return fmt.Errorf("linked modulus is not the module's: %v", modulus)
	}
	if _, ok := modulus.SetString(hex, 16); !ok || modulus.BitLen() != 1024 {
		return fmt.Errorf("modulus %q is not 1024 bits of hex", hex)
	}
	return nil
}

// The server's point on P-224, X and Y one after the other.
//
//go:linkname serverPoint github.com/SheltonZhu/115driver/pkg/crypto/ec115.remotePubKey
var serverPoint []byte

// usePoint makes the module agree on ec115 keys with the sandbox instead of 115.
func usePoint(pointHex string) error {
	point, err := hex.DecodeString(pointHex)
	if err != nil || len(serverPoint) != 56 || len(point) != len(serverPoint) {
		return fmt.Errorf("point %q is not %d bytes of hex: %v", pointHex, len(serverPoint), err)
	}
	copy(serverPoint, point)
	return nil
}
