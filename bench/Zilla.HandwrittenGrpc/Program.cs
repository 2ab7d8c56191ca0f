// What somebody would write instead of running Zilla.Aspire: the peer of the figures of gRPC; and the service behind two topics that both sides ask.
// Usage: Zilla.HandwrittenGrpc serve <port> <bootstrap servers>
//        Zilla.HandwrittenGrpc answer <bootstrap servers> <requests>
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Zilla.HandwrittenGrpc;

if (args is ["answer", var brokers, var requests])
{
    Answering.Run(brokers, requests);
    return;
}

var (port, servers) = args is ["serve", var p, var s] ? (p, s) : throw new ArgumentException("serve <port> <bootstrap servers> | answer <bootstrap servers> <requests>");
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2));
builder.Services.AddGrpc();
builder.Services.AddSingleton(new Kafka(servers));
builder.Services.AddSingleton<Questions>();
builder.Services.AddSingleton<Feeds>();
var app = builder.Build();
app.MapGrpcService<BenchService>();
await app.RunAsync();
