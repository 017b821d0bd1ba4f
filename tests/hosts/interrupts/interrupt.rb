# Ctrl-C during a call by way of Fiddle, the FFI of Ruby's standard library.
# Usage: ruby interrupt.rb LIBRARY CONFIG OPERATION REQUEST
require "fiddle/import"
require "json"

module Descope
  extend Fiddle::Importer
  dlload ARGV[0]
  extern "int descope_client_new(const char *, void **, char **)"
  extern "int descope_client_call(const void *, const char *, const char *, char **)"
  extern "void descope_client_free(void *)"
  extern "void descope_string_free(char *)"
end

_, config, operation, request = ARGV
client = Fiddle::Pointer.malloc(Fiddle::SIZEOF_VOIDP, Fiddle::RUBY_FREE)
out = Fiddle::Pointer.malloc(Fiddle::SIZEOF_VOIDP, Fiddle::RUBY_FREE)
Descope.descope_client_new(config, client, nil)
begin
  Descope.descope_client_call(client.ptr, operation, request, out)
  puts "no exception"
rescue Interrupt => e
  error = JSON.parse(out.ptr.to_s)["error"]
  puts "#{e.class} #{error["name"]} #{error["outcome"]}"
end
Descope.descope_string_free(out.ptr)
Descope.descope_client_free(client.ptr)
