using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Zilla.Config.Plans;
using Zilla.Config.Plans.V1;
using PlansBase = Zilla.Config.Plans.V1.Plans.PlansBase;

namespace Zilla.Config.Tests.Watching;

/// <summary>A Control that says what the test tells it to, over a real connection.</summary>
internal sealed class FakeControl : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Script _script;

    private FakeControl(WebApplication app, Script script) => (_app, _script) = (app, script);

    public ConcurrentQueue<Hello> Hellos => _script.Hellos;

    public ConcurrentQueue<Outcome> Outcomes => _script.Outcomes;

    /// <summary>Starts to listen on a loopback port; says nothing until <see cref="Send(string, ServicePlan)"/>.</summary>
    public static async Task<FakeControl> StartAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        var script = new Script();
        builder.Services.AddSingleton(script);
        var app = builder.Build();
        app.MapGrpcService<Service>();
        await app.StartAsync();
        return new FakeControl(app, script);
    }

    public void Send(string epoch, ServicePlan plan) => Send(epoch, plan.Revision, PlanJson.Serialize(plan));

    public void Send(string epoch, long revision, byte[] body) => _script.Say(new PlanUpdate
    {
        Plan = new Plan { Id = new PlanId { Epoch = epoch, Revision = revision }, Body = ByteString.CopyFrom(body) },
    });

    public void SendNone(string reason) => _script.Say(new PlanUpdate { None = new NoPlan { Reason = reason } });

    public async ValueTask DisposeAsync()
    {
        _script.Ended.Cancel();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private sealed class Script
    {
        private readonly SemaphoreSlim _more = new(0);
        private readonly ConcurrentQueue<PlanUpdate> _updates = [];

        public ConcurrentQueue<Hello> Hellos { get; } = [];

        public ConcurrentQueue<Outcome> Outcomes { get; } = [];

        public CancellationTokenSource Ended { get; } = new();

        public void Say(PlanUpdate update)
        {
            _updates.Enqueue(update);
            _more.Release();
        }

        public async Task<PlanUpdate> NextAsync()
        {
            await _more.WaitAsync(Ended.Token);
            return _updates.TryDequeue(out var update) ? update : throw new InvalidOperationException();
        }
    }

    private sealed class Service(Script script) : PlansBase
    {
        public override async Task Watch(IAsyncStreamReader<PlanReport> requestStream, IServerStreamWriter<PlanUpdate> responseStream, ServerCallContext context)
        {
            var reading = ReadAsync(requestStream);
            try
            {
                while (true)
                {
                    await responseStream.WriteAsync(await script.NextAsync());
                }
            }
            catch (OperationCanceledException)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "stopping"));
            }
        }

        private async Task ReadAsync(IAsyncStreamReader<PlanReport> reports)
        {
            try
            {
                await foreach (var report in reports.ReadAllAsync())
                {
                    if (report.Hello is { } hello)
                    {
                        script.Hellos.Enqueue(hello);
                    }
                    else
                    {
                        script.Outcomes.Enqueue(report.Outcome);
                    }
                }
            }
            catch (Exception problem) when (problem is IOException or OperationCanceledException or InvalidOperationException)
            {
                // The service has gone.
            }
        }
    }
}
