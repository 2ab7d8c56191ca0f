using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Zilla.Suite.Tests.Grpc;

/// <summary>A gRPC service that honours idempotency keys, whose process can die and come back: what it has done is remembered, as in a database.</summary>
internal sealed class TalkService(int port) : Talk.TalkBase, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _effects = new();
    private WebApplication? _app;

    /// <summary>How often each call's effect took place, by its idempotency key: whoever honours the key has each once.</summary>
    public IReadOnlyDictionary<string, int> Effects => _effects;

    /// <summary>Of each call that began: its idempotency key.</summary>
    public ConcurrentQueue<string> Begun { get; } = new();

    /// <summary>The last call's metadata.</summary>
    public Metadata Metadata { get; private set; } = [];

    /// <summary>Calls of <see cref="Say"/> wait for it.</summary>
    public TaskCompletionSource Gate { get; set; } = Open();

    public static TaskCompletionSource Open()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gate.SetResult();
        return gate;
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, endpoint => endpoint.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton(this);
        builder.Services.AddGrpc();
        _app = builder.Build();
        _app.MapGrpcService<TalkService>();
        await _app.StartAsync();
    }

    /// <summary>Ends without a farewell.</summary>
    public async Task DieAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app!.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    public override async Task<Words> Say(Words request, ServerCallContext context)
    {
        var key = Begin(context);
        await Gate.Task.WaitAsync(context.CancellationToken);
        _effects.TryAdd(key, 1);
        if (request.Text == "fail")
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, "50 % für"), new Metadata { { "why", "because" } });
        }

        await context.WriteResponseHeadersAsync(new Metadata { { "greeting", "hello" } });
        return new Words { Text = $"said {request.Text}" };
    }

    /// <summary>So many numbers, each with so many characters: "10" or "10 1000".</summary>
    public override async Task Count(Words request, IServerStreamWriter<Words> responses, ServerCallContext context)
    {
        Begin(context);
        var asked = request.Text.Split(' ').Select(text => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        for (var i = 0; i < asked[0]; i++)
        {
            await responses.WriteAsync(new Words { Text = $"{i}".PadRight(asked.ElementAtOrDefault(1)) });
        }
    }

    public override async Task<Words> Join(IAsyncStreamReader<Words> requests, ServerCallContext context)
    {
        Begin(context);
        var words = new List<string>();
        await foreach (var request in requests.ReadAllAsync(context.CancellationToken))
        {
            words.Add(request.Text);
        }

        return new Words { Text = string.Join(' ', words) };
    }

    public override async Task Chat(IAsyncStreamReader<Words> requests, IServerStreamWriter<Words> responses, ServerCallContext context)
    {
        Begin(context);
        await foreach (var request in requests.ReadAllAsync(context.CancellationToken))
        {
            await responses.WriteAsync(new Words { Text = $"{request.Text}!" });
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    private string Begin(ServerCallContext context)
    {
        Metadata = context.RequestHeaders;
        var key = context.RequestHeaders.GetValue("idempotency-key") ?? throw new RpcException(new Status(StatusCode.InvalidArgument, "no idempotency key"));
        Begun.Enqueue(key);
        return key;
    }
}
