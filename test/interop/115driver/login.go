package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/SheltonZhu/115driver/pkg/driver"
)

func checkKeys(w *world) (string, error) {
	known, err := w.control.keys()
	if err != nil {
		return "", err
	}
	return "modulus of the sandbox in place of 115's", useModulus(known.M115.N)
}

func checkLoginByCookie(w *world) (string, error) {
	if err := importCookie(w.client, w.cookie); err != nil {
		return "", err
	}
	return checkIdentity(w, w.client)
}

func checkWrongCookie(w *world) (string, error) {
	client, _ := newClient(w)
	if err := importCookie(client, "UID=1_A1_1700000000; CID=00; SEID=11; KID=22"); err != nil {
		return "", err
	}
	if err := client.CookieCheck(); !errors.Is(err, driver.ErrBadCookie) {
		return "", fmt.Errorf("CookieCheck says %v", err)
	}
	if err := client.LoginCheck(); err == nil {
		return "", fmt.Errorf("LoginCheck finds user %d", client.UserID)
	}
	if _, err := client.List("0"); !errors.Is(err, driver.ErrNotLogin) {
		return "", fmt.Errorf("List says %v", err)
	}
	return "refused by CookieCheck, LoginCheck and List", nil
}

// checkLoginByQR scans while the client is already waiting: the long poll must answer at each step of the phone.
func checkLoginByQR(w *world) (string, error) {
	client, _ := newClient(w)
	session, err := client.QRCodeStart()
	if err != nil {
		return "", err
	}
	if !strings.Contains(session.QrcodeContent, session.UID) {
		return "", fmt.Errorf("QR text %q does not hold uid %q", session.QrcodeContent, session.UID)
	}
	if _, err := client.QRCodeLogin(session); err == nil {
		return "", errors.New("login succeeds before the phone has confirmed")
	}
	if err := pollWhile(client, session, w, "scan", (*driver.QRCodeStatus).IsScanned); err != nil {
		return "", err
	}
	if err := pollWhile(client, session, w, "confirm", (*driver.QRCodeStatus).IsAllowed); err != nil {
		return "", err
	}
	credential, err := client.QRCodeLoginWithApp(session, driver.LoginAppTV)
	if err != nil {
		return "", err
	}
	if !strings.Contains(credential.UID, "_I1_") || credential.KID == "" {
		return "", fmt.Errorf("credential is not one of slot I1 with a KID: %+v", *credential)
	}
	w.television, _ = newClient(w)
	return checkIdentity(w, w.television.ImportCredential(credential))
}

func checkCancelledQR(w *world) (string, error) {
	client, _ := newClient(w)
	session, err := client.QRCodeStart()
	if err != nil {
		return "", err
	}
	if err := pollWhile(client, session, w, "cancel", (*driver.QRCodeStatus).IsCanceled); err != nil {
		return "", err
	}
	if _, err := client.QRCodeLogin(session); err == nil {
		return "", errors.New("login succeeds with a cancelled code")
	}
	return "cancelled", nil
}

// pollWhile asks for the status, moves the phone meanwhile, and repeats until the status is the wanted one.
func pollWhile(client *driver.Pan115Client, session *driver.QRCodeSession, w *world, action string,
	isWanted func(*driver.QRCodeStatus) bool) error {
	moved := make(chan error, 1)
	go func() { moved <- w.control.phone(w.account, session.UID, action) }()
	deadline := time.Now().Add(time.Minute)
	last := 0
	for time.Now().Before(deadline) {
		status, err := client.QRCodeStatus(session)
		if err != nil {
			return fmt.Errorf("status after %q: %v", action, err)
		}
		if isWanted(status) {
			return <-moved
		}
		last = status.Status
	}
	return fmt.Errorf("status after %q stays %d", action, last)
}

func importCookie(client *driver.Pan115Client, cookie string) error {
	credential := &driver.Credential{}
	if err := credential.FromCookie(cookie); err != nil {
		return err
	}
	client.ImportCredential(credential)
	return nil
}

// checkIdentity asks all three calls that tell whether, and as whom, a client is logged in.
func checkIdentity(w *world, client *driver.Pan115Client) (string, error) {
	if err := client.CookieCheck(); err != nil {
		return "", fmt.Errorf("CookieCheck: %v", err)
	}
	// The module takes any answer that it does not read as JSON for success, with user 0.
	if err := client.LoginCheck(); err != nil || strconv.FormatInt(client.UserID, 10) != w.account {
		return "", fmt.Errorf("LoginCheck finds user %d, not %q: %v", client.UserID, w.account, err)
	}
	user, err := client.GetUser()
	if err != nil || strconv.FormatInt(user.UserID, 10) != w.account {
		return "", fmt.Errorf("GetUser finds %+v, not %q: %v", user, w.account, err)
	}
	return fmt.Sprintf("user %d, %q", user.UserID, user.UserName), nil
}
