using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Zilla.EdgeGrpc.Tests.Protos;

namespace Zilla.EdgeGrpc.Tests.Upstream;

/// <summary>A gRPC service as anyone would write it with ASP.NET Core, on a loopback port.</summary>
internal sealed class ThingsService : Things.ThingsBase, IAsyncDisposable
{
    private readonly WebApplication _app;

    private ThingsService(X509Certificate2? certificate, bool wantsCertificate, int? headers)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestHeadersTotalSize = headers ?? kestrel.Limits.MaxRequestHeadersTotalSize);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http2;
            if (certificate is not null)
            {
                endpoint.UseHttps(https =>
                {
                    https.ServerCertificate = certificate;
                    https.ClientCertificateMode = wantsCertificate ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.NoCertificate;
                    https.AllowAnyClientCertificate();
                });
            }
        }));
        builder.Services.AddSingleton(this);
        builder.Services.AddGrpc(grpc =>
        {
            (grpc.ResponseCompressionAlgorithm, grpc.ResponseCompressionLevel) = ("gzip", CompressionLevel.Fastest);
            (grpc.MaxReceiveMessageSize, grpc.MaxSendMessageSize) = (64 << 20, 64 << 20);
        });
        _app = builder.Build();
        _app.MapGrpcService<ThingsService>();
        _app.MapPost("/plain/Method", () => "text");
        _app.MapPost("/nothing/Method", () => Results.NotFound());
    }

    /// <summary>Called for each message of a request; what it throws is the answer.</summary>
    public Func<Everything, ServerCallContext, Task> BeforeAnswer { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>What calls came with.</summary>
    public ConcurrentQueue<(Metadata Metadata, DateTime Deadline)> Calls { get; } = new();

    /// <summary>Completes when a call that its caller gave up has been told so.</summary>
    public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Messages that <see cref="Watch"/> has got rid of.</summary>
    public int Sent => Volatile.Read(ref _sent);

    private int _sent;
    private int _broken;

    /// <summary>Uploads that did not come to their end.</summary>
    public int Broken => Volatile.Read(ref _broken);

    public int Port => new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

    /// <param name="certificate">Its own; null: without TLS.</param>
    /// <param name="wantsCertificate">Of its clients.</param>
    /// <param name="headers">Bytes of them that it takes of a request; null: the server's default.</param>
    public static async Task<ThingsService> StartAsync(X509Certificate2? certificate = null, bool wantsCertificate = false, int? headers = null)
    {
        var service = new ThingsService(certificate, wantsCertificate, headers);
        await service._app.StartAsync();
        return service;
    }

    /// <summary>The message back, unless it says "fail" or "wait".</summary>
    public override async Task<Everything> Get(Everything request, ServerCallContext context)
    {
        Note(context);
        await context.WriteResponseHeadersAsync(new Metadata { { "greeting", "hello" }, { "bytes-bin", [0, 1, 255] } });
        context.ResponseTrailers.Add("goodbye", "now");
        context.ResponseTrailers.Add("rest-bin", [9]);
        return await AnswerAsync(request, context);
    }

    /// <summary>As many messages as <c>an_int64</c> says, each of <c>an_int32</c> bytes.</summary>
    public override async Task Watch(Everything request, IServerStreamWriter<Everything> responses, ServerCallContext context)
    {
        Note(context);
        await AnswerAsync(request, context);
        var message = new Everything { SomeBytes = ByteString.CopyFrom(new byte[request.AnInt32]) };
        for (var i = 0L; i < request.AnInt64; i++)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            message.AnInt64 = i;
            await responses.WriteAsync(message, context.CancellationToken);
            Interlocked.Increment(ref _sent);
        }
    }

    /// <summary>How many messages came, and how many bytes in them; "enough" is the last that is heard.</summary>
    public override async Task<Everything> Upload(IAsyncStreamReader<Everything> requests, ServerCallContext context)
    {
        Note(context);
        var answer = new Everything();
        await using var broken = context.CancellationToken.Register(() => Interlocked.Increment(ref _broken));
        await foreach (var request in requests.ReadAllAsync(context.CancellationToken))
        {
            (answer.AnInt32, answer.AnInt64) = (answer.AnInt32 + 1, answer.AnInt64 + request.SomeBytes.Length);
            if (request.AString == "enough")
            {
                break;
            }
        }

        return answer;
    }

    /// <summary>Each message back at once.</summary>
    public override async Task Talk(IAsyncStreamReader<Everything> requests, IServerStreamWriter<Everything> responses, ServerCallContext context)
    {
        Note(context);
        await context.WriteResponseHeadersAsync(new Metadata { { "greeting", "hello" } });
        await foreach (var request in requests.ReadAllAsync(context.CancellationToken))
        {
            await responses.WriteAsync(await AnswerAsync(request, context), context.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    /// <summary>Ends without a farewell, as a process does that dies.</summary>
    public async Task DieAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
    }

    /// <summary>Its caller may give it up before its first message is read.</summary>
    private void Note(ServerCallContext context)
    {
        context.CancellationToken.Register(() => Cancelled.TrySetResult());
        Calls.Enqueue((context.RequestHeaders, context.Deadline));
    }

    private async Task<Everything> AnswerAsync(Everything request, ServerCallContext context)
    {
        await BeforeAnswer(request, context);
        switch (request.AString)
        {
            case "fail":
                throw new RpcException(new Status(StatusCode.FailedPrecondition, "50 % für"), new Metadata { { "why", "because" }, { "grpc-status-details-bin", [1, 2, 3] } });
            case "wait":
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
                break;
        }

        return request;
    }
}
