using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Zilla.Streams.Network;

namespace Zilla.Streams.Tests.Network;

public class LaneBlocksTests
{
    [Fact]
    public void Rent_WhatWasGivenBack_IsUsedAgain()
    {
        using var blocks = new LaneBlocks();
        var first = blocks.Rent();
        var second = blocks.Rent(LaneBlocks.Size);
        Assert.Equal((LaneBlocks.Size, LaneBlocks.Size), (first.Memory.Length, second.Memory.Length));

        first.Dispose();
        first.Dispose();

        Assert.Same(first, blocks.Rent(1));
        Assert.NotSame(first, blocks.Rent(1));
        Assert.Equal(3, blocks.Made);
    }

    [Fact]
    public void Rent_MoreThanABlockHas_IsRefused()
    {
        using var blocks = new LaneBlocks();

        Assert.Throws<ArgumentOutOfRangeException>(() => blocks.Rent(LaneBlocks.Size + 1));
    }

    [Fact]
    public void Dispose_MoreThanAreKept_AreLeftToTheCollector()
    {
        using var blocks = new LaneBlocks();
        var rented = Enumerable.Range(0, LaneBlocks.Spares + 10).Select(_ => blocks.Rent()).ToList();
        rented.ForEach(block => block.Dispose());

        foreach (var _ in rented)
        {
            blocks.Rent();
        }

        Assert.Equal(rented.Count + 10, blocks.Made);
    }

    [Fact]
    public async Task Lane_IsReceivedIntoThem()
    {
        LaneBlocks? blocks = null;
        await using var host = await LaneHost.StartAsync(
            services => services.AddStreamAcceptor<Echo>(),
            app =>
            {
                blocks = app.Services.GetRequiredService<IMemoryPoolFactory<byte>>() as LaneBlocks;
                app.MapStreams();
            });
        await using var connection = host.Connect();
        await connection.WaitUntilConnectedAsync().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.NotNull(blocks);
        Assert.InRange(blocks.Made, 1, 100);
    }

    private sealed class Echo : IStreamAcceptor
    {
        public Task AcceptAsync(FrameStream stream, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
