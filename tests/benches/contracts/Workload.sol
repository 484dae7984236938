// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// A plain ERC-20 with checked arithmetic and events.
contract BenchToken {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    uint256 public totalSupply;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    constructor(uint256 supply) {
        totalSupply = supply;
        balanceOf[msg.sender] = supply;
    }

    function approve(address spender, uint256 value) external returns (bool) {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        move(msg.sender, to, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        allowance[from][msg.sender] -= value;
        move(from, to, value);
        return true;
    }

    function move(address from, address to, uint256 value) private {
        balanceOf[from] -= value;
        balanceOf[to] += value;
        emit Transfer(from, to, value);
    }
}

/// A constant-product pair with a fee of 0.3 %, as Uniswap v2 prices it.
contract BenchPair {
    BenchToken public immutable token0;
    BenchToken public immutable token1;
    uint112 private reserve0;
    uint112 private reserve1;
    uint32 private updatedAt;
    uint256 public cumulativePrice0;

    event Swap(address indexed sender, uint256 amountIn, uint256 amountOut, address indexed to);

    constructor(BenchToken first, BenchToken second) {
        token0 = first;
        token1 = second;
    }

    function sync() public {
        reserve0 = uint112(token0.balanceOf(address(this)));
        reserve1 = uint112(token1.balanceOf(address(this)));
        updatedAt = uint32(block.timestamp);
    }

    function swap(bool zeroForOne, uint256 amountIn, address to) external returns (uint256 out) {
        (uint256 reserveIn, uint256 reserveOut) = zeroForOne
            ? (uint256(reserve0), uint256(reserve1))
            : (uint256(reserve1), uint256(reserve0));
        uint256 withFee = amountIn * 997;
        out = (withFee * reserveOut) / (reserveIn * 1000 + withFee);
        (BenchToken tokenIn, BenchToken tokenOut) = zeroForOne ? (token0, token1) : (token1, token0);
        tokenIn.transferFrom(msg.sender, address(this), amountIn);
        tokenOut.transfer(to, out);
        uint256 balanceIn = tokenIn.balanceOf(address(this));
        uint256 balanceOut = tokenOut.balanceOf(address(this));
        require(balanceIn * 1000 - amountIn * 3 >= reserveIn * 1000, "fee");
        require((balanceIn * 1000 - amountIn * 3) * balanceOut >= reserveIn * reserveOut * 1000, "k");
        unchecked {
            cumulativePrice0 += (uint256(reserve1) << 112) / reserve0;
        }
        sync();
        emit Swap(msg.sender, amountIn, out, to);
    }
}

/// Deploys what it needs and repeats one action, all in one call.
contract Workload {
    function transfers(uint256 count) external returns (uint256) {
        BenchToken token = new BenchToken(1 << 128);
        for (uint256 i = 0; i < count; i++) {
            token.transfer(address(uint160(0x10000 + (i & 255))), i + 1);
        }
        return token.balanceOf(address(this));
    }

    function swaps(uint256 count) external returns (uint256 received) {
        BenchToken first = new BenchToken(1 << 100);
        BenchToken second = new BenchToken(1 << 100);
        BenchPair pair = new BenchPair(first, second);
        first.transfer(address(pair), 1 << 96);
        second.transfer(address(pair), 1 << 96);
        first.approve(address(pair), type(uint256).max);
        second.approve(address(pair), type(uint256).max);
        pair.sync();
        for (uint256 i = 0; i < count; i++) received += pair.swap(i & 1 == 0, 1e18, address(this));
    }
}
