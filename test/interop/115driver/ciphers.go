package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/SheltonZhu/115driver/pkg/crypto/ec115"
	"github.com/SheltonZhu/115driver/pkg/crypto/m115"
)

// cipherTask names the server's keys, and the texts to send to it.
type cipherTask struct {
	ModulusHex string   `json:"modulusHex"`
	PointHex   string   `json:"pointHex"`
	Texts      []string `json:"texts"`
}

// ciphered is one text under both ciphers: a request when it comes from here, a reply when it comes back.
type ciphered struct {
	M115    string `json:"m115"`
	Token   string `json:"token,omitempty"`
	BodyHex string `json:"bodyHex"`
}

// deciphered is what this side reads in one reply; EC115 is empty when the server could not read the request.
type deciphered struct {
	M115  string `json:"m115"`
	EC115 string `json:"ec115"`
}

// talkCiphers makes the requests of a task, waits for the replies to them and tells what it reads there: one JSON
// line each way. Every text has keys of its own.
func talkCiphers(in io.Reader, out io.Writer) error {
	input, output := json.NewDecoder(in), json.NewEncoder(out)
	var task cipherTask
	if err := input.Decode(&task); err != nil {
		return err
	}
	if err := useModulus(task.ModulusHex); err != nil {
		return err
	}
	if err := usePoint(task.PointHex); err != nil {
		return err
	}
	keys := make([]m115.Key, len(task.Texts))
	ciphers := make([]*ec115.EcdhCipher, len(task.Texts))
	requests := make([]ciphered, len(task.Texts))
	for i, text := range task.Texts {
		var err error
		keys[i] = m115.GenerateKey()
		if ciphers[i], err = ec115.NewEcdhCipher(); err != nil {
			return err
		}
		if requests[i], err = makeRequest(text, keys[i], ciphers[i]); err != nil {
			return fmt.Errorf("request %d: %w", i, err)
		}
	}
	if err := output.Encode(requests); err != nil {
		return err
	}
	var replies []ciphered
	if err := input.Decode(&replies); err != nil {
		return err
	}
	texts := make([]deciphered, len(replies))
	for i, reply := range replies {
		var err error
		if texts[i], err = readCiphered(reply, keys[i], ciphers[i]); err != nil {
			return fmt.Errorf("reply %d: %w", i, err)
		}
	}
	return output.Encode(texts)
}

func makeRequest(text string, key m115.Key, cipher *ec115.EcdhCipher) (ciphered, error) {
	token, err := cipher.EncodeToken(time.Now().UnixMilli())
	if err != nil {
		return ciphered{}, err
	}
	body, err := cipher.Encrypt([]byte(text))
	return ciphered{M115: m115.Encode([]byte(text), key), Token: token, BodyHex: hex.EncodeToString(body)}, err
}

func readCiphered(reply ciphered, key m115.Key, cipher *ec115.EcdhCipher) (deciphered, error) {
	plain, err := m115.Decode(reply.M115, key)
	if err != nil {
		return deciphered{}, fmt.Errorf("m115: %w", err)
	}
	if reply.BodyHex == "" {
		return deciphered{M115: string(plain)}, nil
	}
	body, err := hex.DecodeString(reply.BodyHex)
	if err != nil {
		return deciphered{}, err
	}
	text, err := cipher.Decrypt(body)
	if err != nil {
		return deciphered{}, fmt.Errorf("ec115: %w", err)
	}
	return deciphered{M115: string(plain), EC115: string(text)}, nil
}
