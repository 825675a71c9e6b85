package main

import (
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/SheltonZhu/115driver/pkg/driver"
)

func fileChecks(path string) []check {
	return []check{
		{"info" + path, func(w *world) (string, error) { return checkFile(w, path) }},
		{"download" + path, func(w *world) (string, error) { return checkDownload(w, path) }},
		{"download-app" + path, func(w *world) (string, error) { return checkAppDownload(w, path) }},
		{"download-range" + path, func(w *world) (string, error) { return checkRange(w, path) }},
		{"download-other-agent" + path, func(w *world) (string, error) { return checkOtherAgent(w, path) }},
	}
}

// checkFile compares what both information calls say of a file.
func checkFile(w *world, path string) (string, error) {
	want, err := w.control.tree(w.account, path)
	if err != nil {
		return "", err
	}
	file, err := w.client.GetFile(want.ID)
	if err != nil {
		return "", err
	}
	got := describe(file.FileID, file.Name, file.IsDirectory, file.Size, file.Sha1)
	if expected := describe(want.ID, want.Name, false, want.Size, want.SHA1); got != expected {
		return "", fmt.Errorf("GetFile finds %s, not %s", got, expected)
	}
	stat, err := w.client.Stat(want.ID)
	if err != nil || stat.Name != want.Name || stat.Sha1 != want.SHA1 || stat.IsDirectory {
		return "", fmt.Errorf("Stat finds %+v, not %s: %v", stat, got, err)
	}
	return got, nil
}

// checkDownload reads a whole file and compares its SHA-1.
func checkDownload(w *world, path string) (string, error) {
	want, info, err := link(w, path)
	if err != nil {
		return "", err
	}
	if info.FileName != want.Name || int64(info.FileSize) != want.Size {
		return "", fmt.Errorf("link is of %q with %d bytes, not of %q with %d",
			info.FileName, info.FileSize, want.Name, want.Size)
	}
	return compareBytes(w, want, info)
}

// checkAppDownload asks the phone app's call, which is closed to logins of the web site and open to others.
func checkAppDownload(w *world, path string) (string, error) {
	want, web, err := link(w, path)
	if err != nil {
		return "", err
	}
	if info, err := w.client.DownloadWithUAByAndroidAPI(web.PickCode, userAgent); !errors.Is(err, driver.ErrNotLogin) {
		return "", fmt.Errorf("the web login gets %+v, %v", info, err)
	}
	info, err := w.television.DownloadWithUAByAndroidAPI(web.PickCode, userAgent)
	if err != nil {
		return "", err
	}
	return compareBytes(w, want, info)
}

// compareBytes reads all that the link leads to.
func compareBytes(w *world, want truth, info *driver.DownloadInfo) (string, error) {
	reply, err := fetch(w, info, nil)
	if err != nil {
		return "", err
	}
	defer reply.Body.Close()
	hash := sha1.New()
	count, err := io.Copy(hash, reply.Body)
	if err != nil {
		return "", err
	}
	sum := fmt.Sprintf("%X", hash.Sum(nil))
	if reply.StatusCode != http.StatusOK || count != want.Size || sum != want.SHA1 {
		return "", fmt.Errorf("%s, %d bytes, SHA-1 %s, not %d bytes, %s",
			reply.Status, count, sum, want.Size, want.SHA1)
	}
	return fmt.Sprintf("%d bytes, SHA-1 %s", count, sum), nil
}

// checkRange reads the file in two ranges that meet in the middle and compares the SHA-1 of both together.
func checkRange(w *world, path string) (string, error) {
	want, info, err := link(w, path)
	if err != nil {
		return "", err
	}
	middle := want.Size / 2
	hash := sha1.New()
	for _, span := range [][2]int64{{0, middle - 1}, {middle, want.Size - 1}} {
		header := http.Header{"Range": {fmt.Sprintf("bytes=%d-%d", span[0], span[1])}}
		reply, err := fetch(w, info, header)
		if err != nil {
			return "", err
		}
		_, err = io.Copy(hash, reply.Body)
		reply.Body.Close()
		expected := fmt.Sprintf("bytes %d-%d/%d", span[0], span[1], want.Size)
		if got := reply.Header.Get("Content-Range"); err != nil || reply.StatusCode != 206 || got != expected {
			return "", fmt.Errorf("%s, Content-Range %q, not %q: %v", reply.Status, got, expected, err)
		}
	}
	if sum := fmt.Sprintf("%X", hash.Sum(nil)); sum != want.SHA1 {
		return "", fmt.Errorf("SHA-1 of both ranges is %s, not %s", sum, want.SHA1)
	}
	return fmt.Sprintf("two ranges meeting at %d", middle), nil
}

// checkOtherAgent asks for the link's bytes as another program: the link is bound to who asked for it.
func checkOtherAgent(w *world, path string) (string, error) {
	_, info, err := link(w, path)
	if err != nil {
		return "", err
	}
	reply, err := fetch(w, info, http.Header{"User-Agent": {"curl/8.0"}})
	if err != nil {
		return "", err
	}
	reply.Body.Close()
	if reply.StatusCode != http.StatusForbidden {
		return "", fmt.Errorf("%s, not 403", reply.Status)
	}
	return reply.Status, nil
}

func checkUnknownPickcode(w *world) (string, error) {
	if info, err := w.client.DownloadWithUA("a4hhhh", userAgent); !errors.Is(err, driver.ErrPickCodeNotExist) {
		return "", fmt.Errorf("DownloadWithUA finds %+v, says %v", info, err)
	}
	return "refused", nil
}

// link finds the file through a listing of its directory, as a program would, and asks for its download link.
func link(w *world, path string) (truth, *driver.DownloadInfo, error) {
	want, err := w.control.tree(w.account, path)
	if err != nil {
		return truth{}, nil, err
	}
	parent, err := w.client.DirName2CID(path[:strings.LastIndex(path, "/")])
	if err != nil {
		return truth{}, nil, err
	}
	listed, err := w.client.List(string(parent.CategoryID))
	if err != nil {
		return truth{}, nil, err
	}
	for _, file := range *listed {
		if file.FileID == want.ID {
			info, err := w.client.DownloadWithUA(file.PickCode, userAgent)
			return want, info, err
		}
	}
	return truth{}, nil, fmt.Errorf("%q is not in the listing of its directory", path)
}

// fetch asks for the link's bytes with the headers that the module says belong to it, and those given.
func fetch(w *world, info *driver.DownloadInfo, header http.Header) (*http.Response, error) {
	request, err := http.NewRequest(http.MethodGet, info.Url.Url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", info.Header.Get("User-Agent"))
	for name, values := range header {
		request.Header[name] = values
	}
	return w.http.Do(request)
}
