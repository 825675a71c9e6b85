package main

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/SheltonZhu/115driver/pkg/driver"
)

// Small, so that few entries make many pages.
const pageLimit = 32

const missingID = "2999999999999999999"

func listChecks(path string) []check {
	return []check{
		{"list" + path, func(w *world) (string, error) { return checkList(w, path) }},
		{"info" + path, func(w *world) (string, error) { return checkDirectory(w, path) }},
	}
}

// checkList compares a whole listing with the truth, field by field, in pages of pageLimit.
func checkList(w *world, path string, options ...driver.ListOption) (string, error) {
	directory, err := w.control.tree(w.account, path)
	if err != nil {
		return "", err
	}
	listed, err := w.client.ListWithLimit(directory.ID, pageLimit, options...)
	if err != nil {
		return "", err
	}
	got := make([]string, 0, len(*listed))
	for _, file := range *listed {
		if file.ParentID != directory.ID {
			return "", fmt.Errorf("parent of %q is %q, not %q", file.Name, file.ParentID, directory.ID)
		}
		if file.PickCode == "" || file.UpdateTime.Unix() <= 0 || file.CreateTime.Unix() <= 0 {
			return "", fmt.Errorf("entry %q lacks a pickcode or a time: %+v", file.Name, file)
		}
		got = append(got, describe(file.FileID, file.Name, file.IsDirectory, file.Size, file.Sha1))
	}
	want := make([]string, 0, len(directory.Children))
	for _, child := range directory.Children {
		want = append(want, describe(child.ID, child.Name, child.isDirectory(), child.Size, child.SHA1))
	}
	return fmt.Sprintf("%d entries in pages of %d", len(got), pageLimit), compare(got, want)
}

// checkTwoHosts lists as AList does: pages come in turn from two hosts, one of them without TLS.
func checkTwoHosts(w *world, path string) (string, error) {
	return checkList(w, path, driver.WithMultiUrls())
}

// checkDirectory compares the properties, the ancestors and the lookup by path.
func checkDirectory(w *world, path string) (string, error) {
	directory, err := w.control.tree(w.account, path)
	if err != nil {
		return "", err
	}
	found, err := w.client.DirName2CID(path)
	if err != nil || string(found.CategoryID) != directory.ID {
		return "", fmt.Errorf("DirName2CID finds %+v, not %q: %v", found, directory.ID, err)
	}
	stat, err := w.client.Stat(directory.ID)
	if err != nil {
		return "", err
	}
	if stat.Name != directory.Name || !stat.IsDirectory {
		return "", fmt.Errorf("Stat finds %+v, not directory %q", *stat, directory.Name)
	}
	if len(stat.Parents) == 0 {
		return "", fmt.Errorf("Stat finds no ancestors of %q", path)
	}
	names := []string{""} // the root
	for _, parent := range stat.Parents[1:] {
		names = append(names, parent.Name)
	}
	if above := strings.Join(names, "/"); above+"/"+stat.Name != path {
		return "", fmt.Errorf("Stat finds ancestors %q of %q", above, path)
	}
	return fmt.Sprintf("id %s, %d files, %d directories", directory.ID, stat.FileCount, stat.DirCount), nil
}

// The service shows the root instead of a directory that is gone; the module tells by the echoed id.
func checkMissingDirectory(w *world) (string, error) {
	listed, err := w.client.List(missingID)
	if err != nil || len(*listed) != 0 {
		return "", fmt.Errorf("List finds %v: %v", listed, err)
	}
	return "empty", nil
}

func checkMissingFile(w *world) (string, error) {
	if file, err := w.client.GetFile(missingID); err == nil {
		return "", fmt.Errorf("GetFile finds %+v", *file)
	}
	return "refused", nil
}

func checkMissingPath(w *world) (string, error) {
	found, err := w.client.DirName2CID("/no/such/directory")
	if err != nil || string(found.CategoryID) != "0" {
		return "", fmt.Errorf("DirName2CID finds %+v: %v", found, err)
	}
	return "id 0", nil
}

func checkSpace(w *world) (string, error) {
	info, err := w.client.GetInfo()
	if err != nil {
		return "", err
	}
	space := info.SpaceInfo
	if space.AllTotal.Size <= 0 || space.AllTotal.Size != space.AllUse.Size+space.AllRemain.Size {
		return "", fmt.Errorf("space does not add up: %+v", space)
	}
	if len(info.LoginDevicesInfo.List) == 0 {
		return "", fmt.Errorf("no device is logged in: %+v", info.LoginDevicesInfo)
	}
	return fmt.Sprintf("%s of %s used", space.AllUse.SizeFormat, space.AllTotal.SizeFormat), nil
}

// checkUploadInfo asks for what every upload needs first.
func checkUploadInfo(w *world) (string, error) {
	if err := w.client.GetUploadInfo(); err != nil {
		return "", err
	}
	limits := w.client.UploadMetaInfo
	if strconv.FormatInt(w.client.UserID, 10) != w.account || len(w.client.Userkey) != 40 || limits.SizeLimit <= 0 {
		return "", fmt.Errorf("user %d, key of %d digits, %+v", w.client.UserID, len(w.client.Userkey), *limits)
	}
	return fmt.Sprintf("files up to %d bytes", limits.SizeLimit), nil
}

// checkVersions looks for the version that AList's driver takes for its uploads. The module also returns blank rows.
func checkVersions(w *world) (string, error) {
	versions, err := w.client.GetAppVersion()
	for _, each := range versions {
		if each.AppName == "win" && each.Version != "" {
			return each.Version, nil
		}
	}
	return "", fmt.Errorf("GetAppVersion finds %v: %v", versions, err)
}

func describe(id, name string, isDirectory bool, size int64, sha1 string) string {
	return fmt.Sprintf("id=%s name=%q directory=%t size=%d sha1=%s", id, name, isDirectory, size, sha1)
}

// compare tells the first difference between two sets.
func compare(got, want []string) error {
	sort.Strings(got)
	sort.Strings(want)
	for i := 0; i < len(got) || i < len(want); i++ {
		switch {
		case i >= len(got) || (i < len(want) && want[i] < got[i]):
			return fmt.Errorf("missing (of %d, got %d): %s", len(want), len(got), want[i])
		case i >= len(want) || got[i] < want[i]:
			return fmt.Errorf("not in the truth (of %d, got %d): %s", len(want), len(got), got[i])
		}
	}
	return nil
}
