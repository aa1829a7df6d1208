// SPDX-License-Identifier: Apache-2.0

// Package tap prints the Test Anything Protocol: as much of github.com/mndrix/tap-go, which Debian does
// not package, as the validation programs of runtime-tools call.
package tap

import (
	"encoding/json"
	"fmt"
	"strings"
)

// T is a run of tests; Todo gives one that shares its numbers.
type T struct {
	last *int
	mark string
}

// New begins a run.
func New() *T {
	return &T{last: new(int), mark: "-"}
}

// Header announces COUNT tests, or as many as AutoPlan finds at the end when COUNT is 0.
func (t *T) Header(count int) {
	fmt.Println("TAP version 13")
	if count > 0 {
		fmt.Printf("1..%d\n", count)
	}
}

// AutoPlan says how many tests there were.
func (t *T) AutoPlan() {
	fmt.Printf("1..%d\n", *t.last)
}

func (t *T) print(verdict, text string) {
	*t.last++
	fmt.Printf("%s %d %s\n", verdict, *t.last, text)
}

// Ok reports one test.
func (t *T) Ok(passed bool, what string) {
	verdict := "not ok"
	if passed {
		verdict = "ok"
	}
	t.print(verdict, t.mark+" "+what)
}

// Pass reports a test that passed.
func (t *T) Pass(what string) {
	t.Ok(true, what)
}

// Fail reports a test that failed.
func (t *T) Fail(what string) {
	t.Ok(false, what)
}

// Skip reports COUNT tests that cannot be run.
func (t *T) Skip(count int, why string) {
	for i := 0; i < count; i++ {
		t.print("ok", "# SKIP "+why)
	}
}

// Todo is the same run, for tests that are not expected to pass.
func (t *T) Todo() *T {
	return &T{last: t.last, mark: "# todo"}
}

// Diagnostic prints a comment.
func (t *T) Diagnostic(text string) {
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		fmt.Println("# " + line)
	}
}

// Diagnosticf formats a comment.
func (t *T) Diagnosticf(format string, a ...interface{}) {
	t.Diagnostic(fmt.Sprintf(format, a...))
}

// YAML prints VALUE below the test it explains.
func (t *T) YAML(value interface{}) error {
	text, err := json.MarshalIndent(value, "  ", "  ")
	if err != nil {
		return err
	}
	fmt.Printf("  ---\n  %s\n  ...\n", text)
	return nil
}
