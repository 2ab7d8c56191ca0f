using System.Text.Json.Nodes;
using Zilla.AppHost.Hosting.Dcp;
using Zilla.AppHost.Hosting.Planning;
using Zilla.AppHost.Hosting.Running;
using Zilla.AppHost.Tests.Planning;

namespace Zilla.AppHost.Tests.Dcp;

public sealed class DcpObjectsTests
{
    [Fact]
    public void SpecOf_Instance_SaysWhatToRun()
    {
        var model = new SampleModel();
        var broker = ApplicationPlan.Create(model.Builder, new PortAllocator(new Random(1))).InstancesOf(model.Kafka).Single();

        var spec = DcpObjects.SpecOf(broker);

        Assert.Equal("/src/bin/Service", (string?)spec["executablePath"]);
        Assert.Equal("/src/bin", (string?)spec["workingDirectory"]);
        Assert.Equal("Inherit", (string?)spec["ambientEnvironment"]!["behavior"]);
        Assert.Equal(broker.Arguments, spec["args"]!.AsArray().Select(a => (string)a!));
        Assert.Contains(spec["env"]!.AsArray(), v => (string?)v!["name"] == "Zilla__Instance" && (string?)v["value"] == "kafka-0");
    }

    [Theory]
    [InlineData("Starting", nameof(ProcessState.Starting))]
    [InlineData("Running", nameof(ProcessState.Running))]
    [InlineData("Stopping", nameof(ProcessState.Stopping))]
    [InlineData("Finished", nameof(ProcessState.Ended))]
    [InlineData("Terminated", nameof(ProcessState.Ended))]
    [InlineData("FailedToStart", nameof(ProcessState.FailedToStart))]
    public void StatusOf_State_IsOurs(string state, string expected)
    {
        var status = DcpObjects.StatusOf(Executable($$"""{"state":"{{state}}","pid":42,"exitCode":3,"startupTimestamp":"2026-01-02T03:04:05Z","finishTimestamp":"0001-01-01T00:00:00Z"}"""));

        Assert.NotNull(status);
        Assert.Equal(expected, status.State.ToString());
        Assert.Equal("edge-0", status.Name);
        Assert.Equal(42, status.ProcessId);
        Assert.Equal(3, status.ExitCode);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), status.StartedAt);
        Assert.Null(status.EndedAt);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"state":"Unknown"}""")]
    [InlineData("""{"state":"SomethingNew"}""")]
    public void StatusOf_NothingToTell_IsNull(string status) => Assert.Null(DcpObjects.StatusOf(Executable(status)));

    [Fact]
    public void StatusOf_ObjectBeingDeleted_IsNull()
    {
        var executable = Executable("""{"state":"Finished"}""");
        executable["metadata"]!["deletionTimestamp"] = "2026-01-02T03:04:05Z";

        Assert.Null(DcpObjects.StatusOf(executable));
    }

    private static JsonObject Executable(string status) => JsonNode.Parse($$"""{"metadata":{"name":"edge-0"},"status":{{status}}}""")!.AsObject();
}
