using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Zilla.Config.Events;
using Zilla.Config.Plans;
using Zilla.Config.Tests.Loading;
using Zilla.Testing;

namespace Zilla.Config.Tests.Events;

/// <summary>The stdout exporter (reference §3.6): which log messages are told, and how.</summary>
public sealed class EventLogTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly ServiceProvider _services;

    public EventLogTests()
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(new ManualTime(new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.FromHours(1))));
        services.AddSingleton(_ => new EventWriter(_output));
        services.AddEventLog();
        _services = services.BuildServiceProvider();
    }

    [Fact]
    public void Log_Event_IsALineOfTheReferencesForm()
    {
        Follow(events: true);

        Logger("Zilla.Edge.Tls").Log(LogLevel.Debug, new EventId(1, EventNames.TlsHandshakeFailed), Values(("Binding", "tls0")), null, (_, _) => "of 127.0.0.1 failed");

        Assert.Equal(["test.tls0 [03/Feb/2026:03:05:06 +0000] [-] BINDING_TLS_HANDSHAKE_FAILED of 127.0.0.1 failed"], Lines());
    }

    [Theory]
    [InlineData("Guard", "jwt0", "test.jwt0 ")]
    [InlineData("Cluster", "cache0", "test.cache0 ")]
    [InlineData("Topic", "t", "test.engine ")]
    public void Log_Event_IsOfWhatItIsAbout(string key, string value, string expected)
    {
        Follow(events: true);

        Logger("Zilla.X").Log(LogLevel.Information, new EventId(1, EventNames.JwtAuthorizationFailed), Values((key, value)), null, (_, _) => "");

        Assert.StartsWith(expected, Assert.Single(Lines()), StringComparison.Ordinal);
    }

    [Fact]
    public void Log_EventWithATrace_TellsIt_ElseThatOfTheActivity()
    {
        Follow(events: true);
        using var activity = new Activity("request").Start();

        Logger("Zilla.X").Log(LogLevel.Debug, new EventId(1, EventNames.HttpRequestAccepted), Values(("Binding", "b"), ("Trace", "abc")), null, (_, _) => "");
        Logger("Zilla.X").Log(LogLevel.Debug, new EventId(1, EventNames.HttpRequestAccepted), Values(("Binding", "b")), null, (_, _) => "");

        Assert.Equal(["[abc]", $"[{activity.TraceId}]"], Lines().Select(line => line.Split(' ')[3]));
    }

    [Fact]
    public void Log_WhatAClientWrites_DoesNotBeginALine()
    {
        Follow(events: true);

        Logger("Zilla.X").Log(LogLevel.Debug, new EventId(1, EventNames.HttpRequestAccepted), Values(), null, (_, _) => "GET /a\r\nb\u001b[2Jc\u007f");

        Assert.EndsWith(" GET /a??b?[2Jc?", Assert.Single(Lines()), StringComparison.Ordinal);
    }

    [Fact]
    public void Log_WhatIsNoEvent_OrNotFromTheSuite_IsNotTold()
    {
        Follow(events: true);

        Logger("Zilla.X").Log(LogLevel.Critical, new EventId(1, "Produced"), Values(), null, (_, _) => "");
        Logger("Zilla.X").LogError("plain");
        Logger("Microsoft.X").Log(LogLevel.Critical, new EventId(1, EventNames.HttpRequestAccepted), Values(), null, (_, _) => "");

        Assert.Empty(Lines());
    }

    [Fact]
    public void Follow_PlanWithoutTheExporter_NothingIsTold_NorPaidFor()
    {
        Assert.False(Logger("Zilla.X").IsEnabled(LogLevel.Critical));
        Follow(events: true);
        Assert.True(Logger("Zilla.X").IsEnabled(LogLevel.Debug));
        Assert.False(Logger("Microsoft.X").IsEnabled(LogLevel.Critical));

        Follow(events: false);

        Assert.False(Logger("Zilla.X").IsEnabled(LogLevel.Critical));
    }

    [Fact]
    public async Task Write_MoreThanCanBeWritten_IsCounted()
    {
        using var stuck = new StuckWriter();
        var writer = new EventWriter(stuck);
        writer.Write("first");
        await stuck.Begun.WaitAsync(TimeSpan.FromSeconds(20));
        for (var line = 0; line < 20_000; line++)
        {
            writer.Write("x");
        }

        stuck.Goes();
        await Eventually.HoldsAsync(() => stuck.Lines.LastOrDefault() == $"{20_000 - 16_384} events were not written: there were too many");
        writer.Dispose();
        Assert.Equal(1 + 16_384 + 1, stuck.Lines.Count);
    }

    [Fact]
    public void Compile_StdoutExporter_IsInEveryPlan()
    {
        var with = PlanCompiler.Compile(Loader.LoadValid("name: test\ntelemetry: {exporters: {e: {type: stdout}}}\n"), 1);
        var without = PlanCompiler.Compile(Loader.LoadValid("name: test\n"), 1);

        Assert.All(with.Values, plan => Assert.True(PlanJson.Deserialize(PlanJson.Serialize(plan)).Events));
        Assert.All(without.Values, plan => Assert.Null(plan.Events));
    }

    public void Dispose() => _services.Dispose();

    private void Follow(bool events) => _services.GetRequiredService<EventSwitch>().Follow(new ServicePlan { Revision = 1, Namespace = "test", Events = events ? true : null });

    private ILogger Logger(string category) => _services.GetRequiredService<ILoggerFactory>().CreateLogger(category);

    private static KeyValuePair<string, object?>[] Values(params (string Key, object? Value)[] values) => [.. values.Select(value => new KeyValuePair<string, object?>(value.Key, value.Value))];

    private string[] Lines()
    {
        _services.GetRequiredService<EventWriter>().Dispose();
        return _output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Takes nothing until it goes.</summary>
    private sealed class StuckWriter : StringWriter
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _goes = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

        public Task Begun => _begun.Task;

        public IReadOnlyCollection<string> Lines => _lines;

        public void Goes() => _goes.SetResult();

        public override async Task WriteLineAsync(string? value)
        {
            _begun.TrySetResult();
            await _goes.Task;
            _lines.Enqueue(value!);
        }
    }
}
