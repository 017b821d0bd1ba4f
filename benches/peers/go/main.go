// The sign-in with net/http and encoding/json, one client for all goroutines.
package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"sort"
	"strconv"
	"sync"
	"time"
)

type request struct {
	LoginID     string `json:"loginId"`
	RedirectURL string `json:"redirectUrl,omitempty"`
}

type answer struct {
	MaskedPhone string `json:"maskedPhone"`
}

var (
	client  *http.Client
	address = os.Getenv("BENCH_URL") + "/v1/auth/magiclink/signin/sms"
	bearer  = "Bearer " + os.Getenv("BENCH_PROJECT")
	wanted  = os.Getenv("BENCH_MASKED_PHONE")
	given   = []byte(os.Getenv("BENCH_REQUEST"))
)

// complain ends the process.
func complain(err error) {
	fmt.Fprintln(os.Stderr, "nethttp:", err)
	os.Exit(1)
}

func prepare() {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 256
	if file := os.Getenv("BENCH_CA"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			complain(err)
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	client = &http.Client{Transport: transport, Timeout: 10 * time.Second}
}

func signIn() error {
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

// run has goroutines make calls, all from the same moment on.
func run(threads, calls int) {
	latencies := make([]int64, threads*calls)
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	ready.Add(threads)
	done.Add(threads)
	for thread := 0; thread < threads; thread++ {
		go func(own []int64) {
			defer done.Done()
			ready.Done()
			<-start
			for call := range own {
				before := time.Now()
				if err := signIn(); err != nil {
					complain(err)
				}
				own[call] = time.Since(before).Nanoseconds()
			}
		}(latencies[thread*calls : (thread+1)*calls])
	}
	ready.Wait()
	began := time.Now()
	close(start)
	done.Wait()
	wall := time.Since(began).Nanoseconds()
	sort.Slice(latencies, func(a, b int) bool { return latencies[a] < latencies[b] })
	total := len(latencies)
	fmt.Printf("{\"calls\": %d, \"wallNs\": %d, \"p50Ns\": %d, \"p99Ns\": %d}\n",
		total, wall, latencies[total/2], latencies[total*99/100])
}

func main() {
	if len(os.Args) < 3 || os.Args[1] != "signin" {
		complain(fmt.Errorf("usage: nethttp signin once|loop N|serve"))
	}
	prepare()
	count := 1
	switch os.Args[2] {
	case "serve":
		fmt.Println("ready")
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			var threads, calls int
			if _, err := fmt.Sscanf(lines.Text(), "run %d %d", &threads, &calls); err != nil {
				complain(err)
			}
			run(threads, calls)
		}
		return
	case "loop":
		number, err := strconv.Atoi(os.Args[3])
		if err != nil {
			complain(err)
		}
		count = number
	}
	for ; count > 0; count-- {
		if err := signIn(); err != nil {
			complain(err)
		}
	}
}
