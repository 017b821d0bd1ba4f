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

type signInResponse struct {
	MaskedPhone string `json:"maskedPhone"`
}

var (
	url             = os.Getenv("BENCH_URL") + "/v1/auth/magiclink/signin/sms"
	bearer          = "Bearer " + os.Getenv("BENCH_PROJECT")
	maskedPhone     = os.Getenv("BENCH_MASKED_PHONE")
	requestDocument = []byte(os.Getenv("BENCH_REQUEST"))
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
	var fields request
	if err := json.Unmarshal(requestDocument, &fields); err != nil {
		return err
	}
	body, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	message, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
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
	var document signInResponse
	if err := json.Unmarshal(text, &document); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK || document.MaskedPhone != maskedPhone {
		return fmt.Errorf("wrong response: %d %s", response.StatusCode, text)
	}
	return nil
}
