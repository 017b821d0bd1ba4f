// Package harness runs the modes of the Go peers and measures latencies. benches/README.md has the contract.
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
// Error messages begin with name. scenario is the peer's only scenario. prepare returns the function that makes one call and
// checks its response; many goroutines call it at the same time.
func Main(name, scenario string, prepare func() (func() error, error)) {
	if err := runMode(scenario, prepare, os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

func runMode(scenario string, prepare func() (func() error, error), words []string) error {
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

// serve makes calls as the commands on stdin say.
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

// run makes calls on several goroutines, which start at the same moment.
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
	started := time.Now()
	close(start)
	done.Wait()
	wall := time.Since(started).Nanoseconds()
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
