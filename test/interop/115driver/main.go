// Command 115driver plays a third-party program that knows nothing of panport: it logs in to the sandbox, lists,
// and downloads through an unmodified client module for 115, and compares what it gets with the sandbox's truth.
//
// It prints one JSON line per check and stops with exit code 1 at the first that fails.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"

	"github.com/SheltonZhu/115driver/pkg/driver"
)

const userAgent = driver.UA115Browser

// world is what every check may use.
type world struct {
	control control
	sandbox *url.URL
	// Speaks TLS to the hosts that the module names, instead of rewriting its requests.
	isTLS bool
	// The account whose drive is looked at, and a cookie that is good for it.
	account string
	cookie  string
	// Paths of directories to list, and of files to download.
	directories []string
	files       []string

	client *driver.Pan115Client
	http   *http.Client
	// Logged in by QR code as another product; nil before that check.
	television *driver.Pan115Client
}

// A check returns what it saw, for the log, or why it is not content.
type check struct {
	name string
	run  func(*world) (string, error)
}

type line struct {
	Check  string `json:"check"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "ciphers" {
		if err := talkCiphers(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	w := parseFlags()
	output := json.NewEncoder(os.Stdout)
	for _, each := range allChecks(w) {
		detail, err := each.run(w)
		if err != nil {
			detail = err.Error()
		}
		if failure := output.Encode(line{each.name, err == nil, detail}); failure != nil {
			fmt.Fprintln(os.Stderr, failure)
			os.Exit(2)
		}
		if err != nil {
			os.Exit(1)
		}
	}
}

func parseFlags() *world {
	sandbox := flag.String("sandbox", "", "`address` of the sandbox, such as http://127.0.0.1:5150")
	isTLS := flag.Bool("tls", false, "leave requests as they are, and dial the sandbox for every host")
	account := flag.String("account", "", "`id` of the account, for the truth")
	cookie := flag.String("cookie", "", "`UID=…; CID=…; SEID=…; KID=…` of that account")
	directories := flag.String("directories", "", "comma-separated `paths` to list")
	files := flag.String("files", "", "comma-separated `paths` to download")
	flag.Parse()
	address, err := url.Parse(*sandbox)
	if err != nil || address.Host == "" {
		fmt.Fprintf(os.Stderr, "flag -sandbox %q is no address\n", *sandbox)
		os.Exit(2)
	}
	w := &world{
		control:     control{strings.TrimSuffix(*sandbox, "/")},
		sandbox:     address,
		isTLS:       *isTLS,
		account:     *account,
		cookie:      *cookie,
		directories: strings.Split(*directories, ","),
		files:       strings.Split(*files, ","),
	}
	w.client, w.http = newClient(w)
	return w
}

// newClient makes the module's client with nothing changed but where its requests go.
func newClient(w *world) (*driver.Pan115Client, *http.Client) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // cookiejar.New never fails without options.
	}
	httpClient := &http.Client{Jar: jar, Transport: newTransport(w.sandbox, w.isTLS)}
	return driver.New(driver.WithClient(httpClient), driver.UA(userAgent)), httpClient
}

func allChecks(w *world) []check {
	checks := []check{
		{"keys", checkKeys},
		{"login/cookie", checkLoginByCookie},
		{"login/wrong-cookie", checkWrongCookie},
		{"login/qr", checkLoginByQR},
		{"login/qr-cancelled", checkCancelledQR},
		{"info/space", checkSpace},
		{"info/upload", checkUploadInfo},
		{"info/versions", checkVersions},
	}
	for _, path := range w.directories {
		checks = append(checks, listChecks(path)...)
	}
	last := w.directories[len(w.directories)-1]
	runTwoHosts := func(w *world) (string, error) { return checkTwoHosts(w, last) }
	checks = append(checks, check{"list-two-hosts" + last, runTwoHosts})
	checks = append(checks,
		check{"list/missing-directory", checkMissingDirectory},
		check{"info/missing-file", checkMissingFile},
		check{"info/missing-path", checkMissingPath},
	)
	for _, path := range w.files {
		checks = append(checks, fileChecks(path)...)
	}
	return append(checks, check{"download/unknown-pickcode", checkUnknownPickcode})
}
