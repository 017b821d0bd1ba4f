// Package harness is what every peer in Go shares: modes, goroutines, latencies. benches/README.md has the contract.
package harness

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strconv"
	"sync"
	"time"
)

// Main is the main function of a peer.
//
// name is what failures begin with, scenario the one that the peer has. prepare makes what is called, by many goroutines
// at a time; it checks its answer.
func Main(name, scenario string, prepare func() (func() error, error)) {
	if err := do(scenario, prepare, os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

func do(scenario string, prepare func() (func() error, error), words []string) error {
	if len(words) < 2 || words[0] != scenario {
		return fmt.Errorf("usage: PEER %s once|loop N|serve", scenario)
	}
	call, err := prepare()
	if err != nil {
		return err
	}
	switch mode := words[1]; {
	case mode == "once":
		return call()
	case mode == "serve":
		return serve(call)
	case mode == "loop" && len(words) == 3:
		count, err := strconv.Atoi(words[2])
		if err != nil {
			return err
		}
		for ; count > 0; count-- {
			if err := call(); err != nil {
				return err
			}
		}
		return nil
	default:
		return fmt.Errorf("usage: PEER %s once|loop N|serve", scenario)
	}
}

// serve makes calls as the lines of stdin say.
func serve(call func() error) error {
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var threads, calls int
		if _, err := fmt.Sscanf(lines.Text(), "run %d %d", &threads, &calls); err != nil {
			return err
		}
		if err := run(call, threads, calls); err != nil {
			return err
		}
	}
	return lines.Err()
}

// run has goroutines make calls, all from the same moment on.
func run(call func() error, threads, calls int) error {
	latencies := make([]int64, threads*calls)
	failures := make(chan error, threads)
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	ready.Add(threads)
	done.Add(threads)
	for thread := range threads {
		go func(own []int64) {
			defer done.Done()
			ready.Done()
			<-start
			for at := range own {
				before := time.Now()
				if err := call(); err != nil {
					failures <- err
					return
				}
				own[at] = time.Since(before).Nanoseconds()
			}
		}(latencies[thread*calls : (thread+1)*calls])
	}
	ready.Wait()
	began := time.Now()
	close(start)
	done.Wait()
	wall := time.Since(began).Nanoseconds()
	select {
	case err := <-failures:
		return err
	default:
	}
	sort.Slice(latencies, func(a, b int) bool { return latencies[a] < latencies[b] })
	total := len(latencies)
	fmt.Printf("{\"calls\": %d, \"wallNs\": %d, \"p50Ns\": %d, \"p99Ns\": %d}\n",
		total, wall, latencies[total/2], latencies[total*99/100])
	return nil
}
