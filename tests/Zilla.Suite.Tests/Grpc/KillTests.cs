using Zilla.Suite.Tests.Faults;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Grpc;

/// <summary>Every process between a call and its effect is killed under load and started again: no call hangs or ends in another way than OK or UNAVAILABLE, and repeated until it is OK has its effect once.</summary>
[Collection(GrpcCollection.Name)]
public sealed class KillTests(GrpcSuite suite)
{
    [RequiresToolFact("node", "npm")]
    public async Task Kill_AnyProcessUnderLoad_CallsEndInOrder_AndTheirEffectsAreThereOnce()
    {
        await using var load = await CallLoad.StartAsync(suite);
        foreach (var victim in (ServiceProcess[])[.. suite.Edges, .. suite.Caches])
        {
            await victim.KillAsync();
            await load.GoesOnAsync($"{victim.Name} was killed"); // the other one has taken over
            await victim.RestartAsync(); // and is ready, so that it can take over from the other one
            await load.GoesOnAsync($"{victim.Name} came back");
        }

        await load.KillServiceAsync();
        await load.StartServiceAsync();
        await load.GoesOnAsync("the service came back");

        await suite.Broker.KillAsync();
        await load.KillServiceAsync(); // a client library may have given up
        await suite.Broker.RestartAsync();
        await load.StartServiceAsync();
        await load.GoesOnAsync("the broker came back");
        await load.VerifyAsync();
    }
}
