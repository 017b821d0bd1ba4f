# Makes the calls of tests/test_swig.py through SWIG's module for Perl, and prints a line for each.
use strict;
use warnings;
use utf8;
use Encode qw(decode_utf8 encode_utf8);

my ($config, $phone, $link_token) = @ARGV;
use descope_ml;
binmode STDOUT, ':utf8';

# Texts are UTF-8 on the way in and out.
sub find { my ($document, $pointer) = @_; return decode_utf8(descope_ml::descope_json_find($document, $pointer)); }

sub set { my ($pointer, $text) = @_; return (descope_ml::descope_json_set('', $pointer, encode_utf8($text)))[1]; }

sub memory {
    open my $file, '<', '/proc/self/status' or die $!;
    my ($kilobytes) = join('', <$file>) =~ /VmRSS:\s+(\d+)/;
    return $kilobytes;
}

my ($status, $client) = descope_ml::descope_client_new($config);
print "$status\n";
my $request = set('/loginId', $phone);
($status, my $response) = descope_ml::descope_client_call($client, 'magiclink/signin/sms', $request);
print "$status ", find($response, '/maskedPhone'), "\n";
($status, $response) = descope_ml::descope_client_call($client, 'magiclink/verify', set('/token', $link_token));
print "$status ", find($response, '/user/loginIds/0'), "\n";
$request = set('/loginId', 'nobody é漢');
($status, $response) = descope_ml::descope_client_call($client, 'magiclink/signin/sms', $request);
print "$status ", find($request, '/loginId'), ' ', find($response, '/error/errorCode'), "\n";

($status, my $queue) = descope_ml::descope_queue_new($client);
descope_ml::descope_queue_submit($queue, 'magiclink/signin/sms', set('/loginId', $phone), 7);
my ($progress, $tag, $call_status, $answer) = descope_ml::descope_queue_next($queue, -1);
print "$progress $tag $call_status ", find($answer, '/maskedPhone'), "\n";
descope_ml::descope_queue_free($queue);
descope_ml::descope_client_free($client);

($status, my $document) = descope_ml::descope_json_set_n('', '/text', "a\0b");
print "$status $document\n";
print eval { descope_ml::descope_json_set('', '/text', "a\0b"); 1 } ? "cut\n" : "refused\n";

descope_ml::descope_call('unknown', '{}') for 1 .. 1000;
my $before = memory();
descope_ml::descope_call('unknown', '{}') for 1 .. 20000;
print memory() - $before < 2048 ? "flat\n" : "grows\n";
