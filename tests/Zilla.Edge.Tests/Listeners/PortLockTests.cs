using Zilla.Edge.Listeners;

namespace Zilla.Edge.Tests.Listeners;

public sealed class PortLockTests : IDisposable
{
    private const int Port = 7114;

    private readonly string _folder = Directory.CreateTempSubdirectory("ports-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Dispose_TheLast_LeavesNoFile()
    {
        var first = await ClaimAsync("suite-a");
        var second = await ClaimAsync("suite-a");

        first.Dispose();
        await Assert.ThrowsAsync<PortUnavailableException>(() => ClaimAsync("suite-b"));
        Assert.Single(Directory.GetFiles(_folder));

        second.Dispose();
        Assert.Empty(Directory.GetFiles(_folder));
        (await ClaimAsync("suite-b")).Dispose();
    }

    [Fact]
    public async Task Claim_WhatAKilledSuiteHasLeft_IsTaken()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, $"{Port}.lock"), "a suite with a longer name");

        using var taken = await ClaimAsync("suite-b");
        using var shared = await ClaimAsync("suite-b");

        await Assert.ThrowsAsync<PortUnavailableException>(() => ClaimAsync("suite-a"));
    }

    /// <summary>Many come and go at once, so that files are taken away while others open them.</summary>
    [Fact]
    public async Task Claim_ByManyAtOnce_NeverTwoSuites()
    {
        const int Suites = 3, Replicas = 2, Rounds = 100;
        var holders = new int[Suites];
        var (gate, claimed) = (new object(), 0);

        await Task.WhenAll(Enumerable.Range(0, Suites * Replicas).Select(replica => Task.Run(() => ComeAndGoAsync(replica % Suites))));

        Assert.True(claimed > 0);
        Assert.Empty(Directory.GetFiles(_folder));

        async Task ComeAndGoAsync(int suite)
        {
            for (var round = 0; round < Rounds; round++)
            {
                try
                {
                    using var held = await ClaimAsync($"suite-{suite}");
                    Enter(suite, 1);
                    await Task.Yield();
                    Enter(suite, -1);
                }
                catch (PortUnavailableException)
                {
                    await Task.Yield();
                }
            }
        }

        void Enter(int suite, int by)
        {
            lock (gate)
            {
                holders[suite] += by;
                claimed += Math.Max(by, 0);
                Assert.True(holders.Count(held => held > 0) <= 1, "two suites hold the port");
            }
        }
    }

    private Task<PortLock> ClaimAsync(string suite) => PortLock.ClaimAsync(_folder, Port, suite, TimeProvider.System, CancellationToken.None);
}
