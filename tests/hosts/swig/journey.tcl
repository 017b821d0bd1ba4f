# Makes the calls of tests/test_swig.py through SWIG's module for Tcl, and prints a line for each.
lassign $argv module config phone link_token
load $module
fconfigure stdout -encoding utf-8

proc memory {} {
    regexp {VmRSS:\s+(\d+)} [read [set file [open /proc/self/status]]] _ kilobytes
    close $file
    return $kilobytes
}

lassign [descope_client_new $config] status client
puts $status
lassign [descope_json_set "" /loginId $phone] _ request
lassign [descope_client_call $client magiclink/signin/sms $request] status response
puts "$status [descope_json_find $response /maskedPhone]"
lassign [descope_json_set "" /token $link_token] _ request
lassign [descope_client_call $client magiclink/verify $request] status response
puts "$status [descope_json_find $response /user/loginIds/0]"
lassign [descope_json_set "" /loginId "nobody \u00e9\u6f22"] _ request
lassign [descope_client_call $client magiclink/signin/sms $request] status response
puts "$status [descope_json_find $request /loginId] [descope_json_find $response /error/errorCode]"

lassign [descope_queue_new $client] status queue
lassign [descope_json_set "" /loginId $phone] _ request
lassign [descope_queue_submit $queue magiclink/signin/sms $request 7] status
lassign [descope_queue_next $queue -1] progress tag status response
puts "$progress $tag $status [descope_json_find $response /maskedPhone]"
descope_queue_free $queue
descope_client_free $client

lassign [descope_json_set_n "" /text "a\0b"] status document
puts "$status $document"
puts [expr {[lindex [descope_json_set "" /text "a\0b"] 0] == 1 ? "refused" : "cut"}]

for {set i 0} {$i < 1000} {incr i} { descope_call unknown "{}" }
set before [memory]
for {set i 0} {$i < 20000} {incr i} { descope_call unknown "{}" }
puts [expr {[memory] - $before < 2048 ? "flat" : "grows"}]
