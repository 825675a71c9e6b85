package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// control speaks to the sandbox's own interface: it plays the phone, and knows the truth.
type control struct {
	base string
}

// keys are the sandbox's public numbers.
type keys struct {
	M115 struct {
		N string `json:"n"`
	} `json:"m115"`
}

// truth is an entry as it stands in the sandbox's tree.
type truth struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Kind     string  `json:"kind"`
	Size     int64   `json:"size"`
	SHA1     string  `json:"sha1"`
	Pickcode string  `json:"pickcode"`
	Children []truth `json:"children"`
}

func (t truth) isDirectory() bool { return t.Kind == "directory" }

func (c control) keys() (keys, error) {
	var answer keys
	return answer, c.get("keys", &answer)
}

// tree tells what stands at a path of an account.
func (c control) tree(account, path string) (truth, error) {
	var answer truth
	query := url.Values{"account": {account}, "path": {path}, "depth": {"1"}}
	return answer, c.get("tree?"+query.Encode(), &answer)
}

// phone does on the phone what a person would: scan, confirm, cancel.
func (c control) phone(account, uid, action string) error {
	body, err := json.Marshal(map[string]string{"action": action, "account": account})
	if err != nil {
		return err
	}
	address := c.base + "/__sandbox/qr/" + url.PathEscape(uid)
	reply, err := http.Post(address, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	return readReply(reply, nil)
}

func (c control) get(call string, answer any) error {
	reply, err := http.Get(c.base + "/__sandbox/" + call)
	if err != nil {
		return err
	}
	return readReply(reply, answer)
}

func readReply(reply *http.Response, answer any) error {
	defer reply.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(reply.Body); err != nil {
		return err
	}
	if reply.StatusCode/100 != 2 {
		return fmt.Errorf("%s: %s %s", reply.Request.URL, reply.Status, strings.TrimSpace(body.String()))
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(body.Bytes(), answer)
}
