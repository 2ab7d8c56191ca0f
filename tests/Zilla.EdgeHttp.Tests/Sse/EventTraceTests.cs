using System.Collections.Concurrent;
using System.Diagnostics;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Sse;

public sealed class EventTraceTests
{
    [Fact]
    public async Task Event_OfARecordThatNamesATrace_IsASpanOfThatTrace_LinkedToItsStream()
    {
        var (mine, stream) = (ActivityTraceId.CreateRandom().ToHexString(), ActivityTraceId.CreateRandom().ToHexString());
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Zilla.Edge" or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.OperationName == "deliver" && activity.TraceId.ToHexString() == mine)
                {
                    spans.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Timestamp = DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeMilliseconds();
        gateway.Items.Append(0, "1", "long ago", ("traceparent", $"00-{mine}-00f067aa0ba902b7-01"));
        gateway.Items.Timestamp = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        gateway.Items.Append(0, "1", "now", ("traceparent", $"00-{mine}-00f067aa0ba902b8-01"));
        gateway.Items.Append(0, "1", "of no trace");
        gateway.Client.DefaultRequestHeaders.Add("traceparent", $"00-{stream}-00f067aa0ba902b9-01");

        await using (var events = await EventStream.OpenAsync(gateway.Client, "/events/1"))
        {
            await events.ExpectAsync("retry:2500\n\nid:AQIAAg==\ndata:long ago\n\nid:AQIABA==\ndata:now\n\nid:AQIABg==\ndata:of no trace\n\n");
        }

        await Eventually.HoldsAsync(() => !spans.IsEmpty);
        var span = Assert.Single(spans);
        Assert.Equal(("00f067aa0ba902b8", "/events/{id}"), (span.ParentSpanId.ToHexString(), span.GetTagItem("http.route")));
        Assert.Equal(stream, Assert.Single(span.Links).Context.TraceId.ToHexString());
    }
}
