# A call with a time limit: `alarm` and `die`, as perldoc -f alarm shows it.
# Usage: perl alarm.pl LIBRARY CONFIG OPERATION REQUEST
use strict;
use warnings;
use FFI::Platypus 2.00;
use JSON::PP;

my ($library, $config, $operation, $request) = @ARGV;
my $ffi = FFI::Platypus->new(api => 2, lib => $library);
$ffi->attach(descope_client_new  => ['string', 'opaque*', 'opaque*'] => 'sint32');
$ffi->attach(descope_client_call => ['opaque', 'string', 'string', 'opaque*'] => 'sint32');
$ffi->attach(descope_client_free => ['opaque'] => 'void');
$ffi->attach(descope_string_free => ['opaque'] => 'void');

my ($client, $out, $status);
descope_client_new($config, \$client, undef);
eval {
    local $SIG{ALRM} = sub { die "alarm\n" };
    alarm 1;
    $status = descope_client_call($client, $operation, $request, \$out);
    alarm 0;
    print "no exception\n";
};
die $@ unless $@ eq "alarm\n";
my $error = decode_json($ffi->cast(opaque => 'string', $out))->{error};
print "alarm $error->{name} $error->{outcome}\n";
descope_string_free($out);
descope_client_free($client);
