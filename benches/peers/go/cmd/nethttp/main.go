// The sign-in with net/http and encoding/json, one client for all goroutines.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"descope-ml-bench/harness"
)

type request struct {
	LoginID     string `json:"loginId"`
	RedirectURL string `json:"redirectUrl,omitempty"`
}

type answer struct {
	MaskedPhone string `json:"maskedPhone"`
}

var (
	address = os.Getenv("BENCH_URL") + "/v1/auth/magiclink/signin/sms"
	bearer  = "Bearer " + os.Getenv("BENCH_PROJECT")
	wanted  = os.Getenv("BENCH_MASKED_PHONE")
	given   = []byte(os.Getenv("BENCH_REQUEST"))
)

func main() {
	harness.Main("nethttp", "signin", prepare)
}

func prepare() (func() error, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 256
	if file := os.Getenv("BENCH_CA"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	return func() error { return signIn(client) }, nil
}

func signIn(client *http.Client) error {
	var asked request
	if err := json.Unmarshal(given, &asked); err != nil {
		return err
	}
	body, err := json.Marshal(asked)
	if err != nil {
		return err
	}
	message, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	message.Header.Set("Authorization", bearer)
	message.Header.Set("Content-Type", "application/json")
	response, err := client.Do(message)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	var found answer
	if err := json.Unmarshal(text, &found); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK || found.MaskedPhone != wanted {
		return fmt.Errorf("wrong answer: %d %s", response.StatusCode, text)
	}
	return nil
}
